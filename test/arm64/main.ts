import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installRoot } from '../../agent/install-root.ts'
import { cacheFolder } from '../appliance/base-root.ts'
import { CLONE, copyCheckout } from '../appliance/checkout.ts'
import { inOwnMounts } from '../appliance/own-mounts.ts'
import { removeOldRuns } from '../appliance/run-folder.ts'
import { secondsSince } from '../appliance/scenario.ts'
import { STANDING } from '../support/simulated-npu.ts'
import { cannotRunArm64, Userland } from './userland.ts'

// `npm run test:arm64 [-- --prepared] [--source FOLDER]`: installation, native build and the demo in an arm64 Debian, emulated where this
// machine is another. --prepared begins with what the last run has built.

const SUITE = 'bookworm'
const PREPARE_LIMIT_MS = 3 * 3_600_000
const DEMO_LIMIT_MS = 900_000
/** Beside headcount's own folders, so that the simulator's lock may lie there, too. */
const CONTROL = '/srv/headcount-test/npu.json'

const tell = (text: string) => void process.stdout.write(text)

/** Nobody can press Ctrl-C there: the script waits for the count and does it. Its exit code is the demo's. */
const DEMO = `cd ${CLONE}
node_modules/.bin/node dist/agent/main.js demo --npu sim >/tmp/demo.log 2>&1 &
demo=$!
for _ in $(seq ${DEMO_LIMIT_MS / 2_000}); do
  if grep -q '${STANDING.length} people in view' /tmp/demo.log || ! kill -0 $demo 2>/dev/null; then break; fi
  sleep 1
done
kill -INT $demo
wait $demo
status=$?
cat /tmp/demo.log
exit $status`

async function prepare(layer: string, source: string): Promise<void> {
  await using userland = await Userland.make(SUITE, null)
  await copyCheckout(source, userland)
  const fromMs = performance.now()
  await userland.must(['sh', '-c', `cd ${CLONE} && ./install.sh --prepare`], { limitMs: PREPARE_LIMIT_MS, onOutput: tell })
  tell(`ok    installation and native build on arm64: ${secondsSince(fromMs).toFixed(0)} s\n`)
  await userland.keepAs(layer)
}

async function demo(layer: string): Promise<void> {
  await using userland = await Userland.make(SUITE, layer)
  await mkdir(userland.at('srv/headcount-test'), { recursive: true })
  await writeFile(userland.at(CONTROL), JSON.stringify({ detector: { kind: 'script', frames: [STANDING] } }))
  const fromMs = performance.now()
  const env = { HAILORT_SIM_CONTROL: CONTROL }
  const said = await userland.must(['sh', '-c', DEMO], { env, limitMs: DEMO_LIMIT_MS, onOutput: tell })
  if (!said.includes(`${STANDING.length} people in view`)) throw new Error('The demo did not count the people of the script.')
  tell(
    `ok    the demo on arm64 counts the ${STANDING.length} people that the scripted NPU sees, and ends on Ctrl-C: ${secondsSince(fromMs).toFixed(0)} s\n`,
  )
}

async function runAll(): Promise<number> {
  const { values } = parseArgs({ options: { prepared: { type: 'boolean' }, source: { type: 'string' } } })
  await removeOldRuns()
  const layer = join(cacheFolder(), `${SUITE}-arm64-prepared`)
  if (values.prepared !== true || !existsSync(layer)) await prepare(layer, values.source ?? fileURLToPath(installRoot))
  await demo(layer)
  return 0
}

const unable = process.getuid?.() === 0 ? await cannotRunArm64() : 'Only root can do this: sudo npm run test:arm64'
if (unable !== null) {
  tell(`${unable}\n`)
  process.exitCode = 2
} else process.exitCode = await inOwnMounts(runAll)
