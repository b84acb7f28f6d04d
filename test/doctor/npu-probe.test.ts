import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { probeNpu } from '../../agent/doctor/npu-probe.ts'
import { eventually } from '../support/eventually.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { Tree } from '../support/tree.ts'

const LIMIT_MS = 60_000

async function children(): Promise<string[]> {
  const pids = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  return pids.split(' ').filter(Boolean)
}

const test = suite('doctor: probe')

test('says that there is no library, with the path that was tried', async () => {
  const probe = await probeNpu({ env: { ...process.env, HAILORT_LIB: '/nowhere/lib.so' }, identify: true, limitMs: LIMIT_MS })
  if (probe.state !== 'failed') throw new Error(JSON.stringify(probe))
  assert.is(probe.fault.code, 'LIBRARY_MISSING')
  assert.match(probe.fault.what, '/nowhere/lib.so')
})

test('takes a file that is no library for a failure, not for an answer', async () => {
  await using tree = await Tree.make({ 'libhailort.so': 'not a library' })
  const env = { ...process.env, HAILORT_LIB: tree.at('libhailort.so') }
  assert.is((await probeNpu({ env, identify: true, limitMs: LIMIT_MS })).state, 'failed')
})

test('leaves a library that hangs behind, and no process with it', async () => {
  await using tree = await Tree.make()
  const pipe = tree.at('libhailort.so')
  // Opening it waits for a writer, who never comes.
  await promisify(execFile)('mkfifo', [pipe])
  const probe = await probeNpu({ env: { ...process.env, HAILORT_LIB: pipe }, identify: true, limitMs: 2_000 })
  assert.equal(probe, { state: 'hung', limitMs: 2_000 })
  await eventually(async () => (await children()).length === 0, { what: 'the process that hung is gone' })
})

test('ends when it is told to, with the process that asks', async () => {
  await using tree = await Tree.make()
  const pipe = tree.at('libhailort.so')
  await promisify(execFile)('mkfifo', [pipe])
  const stop = new AbortController()
  const asked = probeNpu({ env: { ...process.env, HAILORT_LIB: pipe }, identify: true, limitMs: LIMIT_MS, signal: stop.signal })
  stop.abort()
  const error: unknown = await asked.catch((caught: unknown) => caught)
  assert.is(error instanceof Error && error.name, 'AbortError')
  await eventually(async () => (await children()).length === 0, { what: 'the process that asked is gone' })
})

test('tells how the process died that was to ask', async () => {
  const env = { ...process.env, NODE_OPTIONS: '--require=/nowhere/at-all.js' }
  assert.equal(await probeNpu({ env, identify: true, limitMs: LIMIT_MS }), { state: 'died', how: 'exit code 1' })
})

test('asks every simulated device who it is', async () => {
  await using npu = await SimulatedNpu.make({
    devices: [
      { id: '0000:01:00.0', chip: 'hailo8l' },
      { id: '0000:02:00.0', chip: 'hailo8' },
    ],
  })
  const env = { ...process.env, ...npu.env }
  const probe = await probeNpu({ env, identify: true, limitMs: LIMIT_MS })
  if (probe.state !== 'answered') throw new Error(JSON.stringify(probe))
  assert.ok(probe.library.simulated)
  assert.equal(
    probe.devices.map(({ id, identity, fault }) => [id, identity?.architecture, fault]),
    [
      ['0000:01:00.0', 'HAILO8L', null],
      ['0000:02:00.0', 'HAILO8', null],
    ],
  )
  const scanned = await probeNpu({ env, identify: false, limitMs: LIMIT_MS })
  assert.is(scanned.state === 'answered' && scanned.devices.every(({ identity }) => identity === null), true)
})

test.run()
