import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CaptureOrder } from '../../agent/capture/messages.ts'
import { parseSource } from '../../agent/capture/source.ts'
import { eventually } from '../support/eventually.ts'
import { lives, titleOf } from '../support/process-tree.ts'
import { CaptureRun } from './capture-run.ts'

const test = suite('life of a capture')

const LOSSLESS = { ring: { mode: 'lossless', slotCount: 4 }, order: { pace: 'unthrottled' } } as const

/** A capture that nobody reads from: its sink waits for room in the ring. */
async function blockedCapture(): Promise<CaptureRun> {
  const run = new CaptureRun(parseSource('test'), LOSSLESS)
  await run.head(4)
  return run
}

test('is named after its stream', async () => {
  await using run = new CaptureRun(parseSource('test'), { order: { stream: 'door' } })
  await run.head(1)
  assert.is(titleOf(run.child.pid ?? 0), 'headcount: capture door')
})

test('stops when told, though its sink waits for room in the ring', async () => {
  await using run = await blockedCapture()
  assert.is(run.ring.head, 4)
  run.child.send({ type: 'stop' })
  assert.equal(await run.child.exited, { code: 0, signal: null })
  assert.is(run.ring.writerPid, 0)
})

test('ends on SIGTERM, though its sink waits for room in the ring', async () => {
  await using run = await blockedCapture()
  process.kill(run.child.pid ?? 0, 'SIGTERM')
  assert.equal(await run.child.exited, { code: 0, signal: null })
})

test('another capture goes on where a killed one was', async () => {
  await using run = new CaptureRun(parseSource('test'))
  await run.head(5)
  run.child.kill()
  assert.is((await run.child.exited).signal, 'SIGKILL')
  const { head } = run.ring
  await using next = new CaptureRun(parseSource('test'), {
    order: { ringPath: run.ring.path, doorbellsPath: run.folder.file('doorbells') },
  })
  await eventually(() => run.ring.head > head + 3, { what: 'the next capture writes into the ring of the first' })
  assert.is(run.ring.frameInfo(run.ring.head)?.generation, 2)
  assert.is(run.ring.writerPid, next.child.pid)
})

test('dies with its parent, also when that is killed', async () => {
  await using run = new CaptureRun(parseSource('test')) // gives the ring: its own capture stops first
  await run.child[Symbol.asyncDispose]()
  const order: Omit<CaptureOrder & { type: 'start' }, 'parentPid'> = {
    ...{ type: 'start', stream: 'orphan', source: { kind: 'test' }, loop: false, pace: 'own', rotate: 0, flip: 'none', masks: [] },
    ...{ frame: { width: 640, height: 480, fps: 30 }, ringPath: run.ring.path, doorbellsPath: run.folder.file('doorbells') },
  }
  const parent = fork(fileURLToPath(new URL('./parent.js', import.meta.url)), { execArgv: [], serialization: 'advanced' })
  parent.send(order)
  const [pid] = (await once(parent, 'message', { signal: AbortSignal.timeout(60_000) })) as [number]
  await run.head(run.ring.head + 3)
  assert.ok(lives(pid))
  parent.kill('SIGKILL')
  await eventually(() => !lives(pid), { what: 'the capture is gone' })
})

test('does not start for a parent that is gone', async () => {
  await using run = new CaptureRun(parseSource('test'), { order: { parentPid: 1 } })
  assert.is((await run.child.exited).signal, 'SIGKILL')
  assert.is(run.ring.head, 0)
})

test('a ring that is not there is a fault with a code', async () => {
  await using run = new CaptureRun(parseSource('test'), { order: { ringPath: '/nonexistent/x.ring' } })
  assert.is((await run.report('failed')).fault.code, 'RING_FAILED')
})

test.run()
