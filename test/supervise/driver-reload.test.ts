import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { reloadDriver } from '../../agent/supervise/driver-reload.ts'
import { eventually } from '../support/eventually.ts'
import { lives } from '../support/process-tree.ts'
import { type KeptLog, keepLog } from './kept-log.ts'

const test = suite('driver reload')

/** A modprobe that notes how it was called, then does what the script says. */
async function modprobe(script: string) {
  const dir = await mkdtemp(join(tmpdir(), 'headcount-modprobe-'))
  const calls = join(dir, 'calls')
  await writeFile(calls, '')
  await writeFile(join(dir, 'modprobe'), `#!/bin/sh\necho "$@" >> ${calls}\n${script}\n`)
  await chmod(join(dir, 'modprobe'), 0o755)
  return {
    dir,
    calls: async () => (await readFile(calls, 'utf8')).trim().split('\n'),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}

function run(log: KeptLog, folders: readonly string[], more: { limitMs?: number; retryMs?: number; signal?: AbortSignal } = {}) {
  return reloadDriver({ log, folders, signal: new AbortController().signal, ...more })
}

test('unloads the driver, then loads it', async () => {
  await using fake = await modprobe('')
  const log = keepLog()
  assert.is(await run(log, ['/nowhere', fake.dir]), true)
  assert.equal(await fake.calls(), ['-r hailo_pci', 'hailo_pci'])
  assert.equal(
    log.lines.map(([level]) => level),
    ['warn'],
  )
})

test('a refusal is one line with a remedy, and nothing is loaded over a driver that stayed', async () => {
  await using fake = await modprobe('echo "modprobe: FATAL: Module hailo_pci is in use." >&2; exit 1')
  const log = keepLog()
  assert.is(await run(log, [fake.dir]), false)
  assert.equal(await fake.calls(), ['-r hailo_pci'])
  assert.is(log.lines.length, 1)
  assert.match(log.text, /error .*is in use\. .*Run the service as root/)
})

test('a driver that cannot be loaded again is told', async () => {
  await using fake = await modprobe('[ "$1" = -r ] || { echo "Operation not permitted" >&2; exit 1; }')
  const log = keepLog()
  assert.is(await run(log, [fake.dir], { retryMs: 1 }), false)
  assert.equal((await fake.calls()).slice(0, 2), ['-r hailo_pci', 'hailo_pci'])
  assert.match(log.text, /Operation not permitted/)
})

test('a failure without words is told all the same', async () => {
  await using fake = await modprobe('exit 3')
  const log = keepLog()
  assert.is(await run(log, [fake.dir]), false)
  assert.match(log.text, /cannot be loaded anew: \S/)
})

test('one that hangs is given up and killed', async () => {
  await using fake = await modprobe('exec sleep 60')
  const log = keepLog()
  assert.is(await run(log, [fake.dir], { limitMs: 300 }), false)
  assert.match(log.text, /did not end within/)
})

test('the end of the agent does not wait for it, and is no fault', async () => {
  await using fake = await modprobe('echo $$ > "$(dirname "$0")/pid"; exec /bin/sleep 60')
  const log = keepLog()
  const stop = new AbortController()
  const running = run(log, [fake.dir], { signal: stop.signal })
  const pid = await eventually(() => pidIn(join(fake.dir, 'pid')), { what: 'modprobe runs' })
  stop.abort()
  assert.is(await running, false)
  assert.equal(log.lines, [])
  await eventually(() => !lives(pid), { what: 'modprobe is gone' })
})

test('the end of the agent never leaves the machine without its driver', async () => {
  await using fake = await modprobe(
    '[ "$1" = -r ] || { until [ -e "$(dirname "$0")/go" ]; do /bin/sleep 0.02; done; echo done >> "$0.done"; }',
  )
  const log = keepLog()
  const stop = new AbortController()
  const running = run(log, [fake.dir], { signal: stop.signal })
  await eventually(async () => (await fake.calls()).length === 2, { what: 'the driver is being loaded' })
  stop.abort()
  await writeFile(join(fake.dir, 'go'), '')
  assert.is(await running, true)
  assert.is(await readFile(join(fake.dir, 'modprobe.done'), 'utf8'), 'done\n')
})

test('a driver that was unloaded is loaded with three tries, and what to do is said when none helps', async () => {
  await using fake = await modprobe(
    '[ "$1" = -r ] || { echo x >> "$0.loads"; [ "$(wc -l < "$0.loads")" -ge 3 ] || { echo "Resource temporarily unavailable" >&2; exit 1; }; }',
  )
  const log = keepLog()
  assert.is(await run(log, [fake.dir], { retryMs: 10 }), true)
  assert.equal(await fake.calls(), ['-r hailo_pci', 'hailo_pci', 'hailo_pci', 'hailo_pci'])
  await using never = await modprobe('[ "$1" = -r ] || { echo "Exec format error" >&2; exit 1; }')
  assert.is(await run(log, [never.dir], { retryMs: 10 }), false)
  assert.match(
    log.text,
    /error The NPU's driver hailo_pci was unloaded and cannot be loaded: Exec format error\. Run "sudo modprobe hailo_pci" or restart/,
  )
})

test('a machine without modprobe, or with one that cannot be run, is told', async () => {
  await using fake = await modprobe('')
  await chmod(join(fake.dir, 'modprobe'), 0o644)
  const log = keepLog()
  assert.is(await run(log, ['/nowhere', fake.dir]), false)
  assert.match(log.text, /no modprobe in \/nowhere, .*Install kmod/)
})

function pidIn(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8')) || null
  } catch {
    return null // not yet
  }
}

test.run()
