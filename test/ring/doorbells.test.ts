import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createDoorbells, type Doorbells, openDoorbells, waitOnDoorbell } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder, temporaryRing } from './temporary-ring.ts'

const childPath = fileURLToPath(new URL('./doorbell-child.js', import.meta.url))

function start(...args: string[]): ChildProcess & Disposable {
  const child = spawn(process.execPath, [childPath, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  return Object.assign(child, { [Symbol.dispose]: () => child.kill('SIGKILL') })
}

function temporaryDoorbells(): Disposable & { readonly doorbells: Doorbells; readonly path: string } {
  const folder = temporaryFolder()
  const path = join(folder.path, 'doorbells')
  createDoorbells(path, 8)
  const doorbells = openDoorbells(path)
  return {
    doorbells,
    path,
    [Symbol.dispose]: () => {
      doorbells.close()
      folder[Symbol.dispose]()
    },
  }
}

const test = suite('doorbells')

test('a frame written by another process rings the bell its ring names, also after it moved', async () => {
  using bells = temporaryDoorbells()
  using made = temporaryRing()
  const rings = { at3: 0, at5: 0 }
  const three = waitOnDoorbell(bells.doorbells, 3, () => rings.at3++)
  const five = waitOnDoorbell(bells.doorbells, 5, () => rings.at5++)
  using writer = start('write', bells.path, made.path)
  made.ring.setDoorbells(3, 0)
  writer.stdin?.write('1\n')
  await eventually(() => rings.at3 === 1, { what: 'bell 3 rings' })
  assert.is(made.ring.head, 1)
  made.ring.setDoorbells(5, 0)
  writer.stdin?.write('2\n')
  await eventually(() => rings.at5 === 1, { what: 'bell 5 rings' })
  assert.equal(rings, { at3: 1, at5: 1 })
  three.stop()
  five.stop()
})

test('results ring the bell for results', async () => {
  using bells = temporaryDoorbells()
  using made = temporaryRing()
  made.ring.useDoorbells(bells.doorbells)
  made.ring.setDoorbells(1, 2)
  const rings = { frames: 0, results: 0 }
  const frames = waitOnDoorbell(bells.doorbells, 1, () => rings.frames++)
  const results = waitOnDoorbell(bells.doorbells, 2, () => rings.results++)
  using writer = start('write', bells.path, made.path)
  writer.stdin?.write('1\n')
  await eventually(() => rings.frames === 1, { what: 'the frame rings' })
  made.ring.writeResults(1, { detections: [], inferenceUs: 0, predicted: false, cpuFallback: false, simulated: false })
  await eventually(() => rings.results === 1, { what: 'the result rings' })
  assert.is(rings.frames, 1)
  frames.stop()
  results.stop()
})

test('however often it rings while we are busy, we are called once more', async () => {
  using bells = temporaryDoorbells()
  let calls = 0
  const waiter = waitOnDoorbell(bells.doorbells, 1, () => calls++)
  for (let ring = 0; ring < 10_000; ring++) bells.doorbells.ring(1)
  await eventually(() => calls > 0, { what: 'we are called' })
  await sleep(20)
  assert.ok(calls <= 2, `${calls} calls`)
  const before = calls
  bells.doorbells.ring(1)
  await eventually(() => calls === before + 1, { what: 'the next ring is not lost' })
  waiter.stop()
})

test('no ring is lost: a thousand one after the other are all answered', async () => {
  using bells = temporaryDoorbells()
  let calls = 0
  await new Promise<void>((resolve) => {
    const waiter = waitOnDoorbell(bells.doorbells, 1, () => {
      calls++
      if (calls < 1000) bells.doorbells.ring(1)
      else {
        waiter.stop() // from within its own call
        resolve()
      }
    })
    bells.doorbells.ring(1)
  })
  assert.is(calls, 1000)
})

test('after stop nothing is called, and 200 waiters leave no thread', async () => {
  using bells = temporaryDoorbells()
  const threads = () => Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  const before = threads()
  let calls = 0
  for (let turn = 0; turn < 200; turn++) {
    const waiter = waitOnDoorbell(bells.doorbells, turn % 8, () => calls++)
    bells.doorbells.ring(turn % 8)
    waiter.stop()
    waiter.stop()
  }
  await eventually(() => threads() <= before, { what: 'the threads are gone' })
  await sleep(20)
  assert.is(calls, 0)
})

for (const [mode, code] of [
  ['exit', 7],
  ['stop', 0],
  ['unref', 0],
] as const) {
  test(`a process that ends by "${mode}" while it waits ends cleanly`, async () => {
    using bells = temporaryDoorbells()
    using child = start(mode, bells.path, '2')
    const exited = once(child, 'exit')
    if (child.stdout) await once(child.stdout, 'data')
    bells.doorbells.ring(2)
    assert.equal(await exited, [code, null])
  })
}

test('a worker that is terminated while it waits takes nothing with it', async () => {
  using bells = temporaryDoorbells()
  const worker = new Worker(new URL('./doorbell-child.js', import.meta.url), { argv: ['wait', bells.path, '4'], stdout: true })
  await once(worker.stdout, 'data')
  await worker.terminate()
  bells.doorbells.ring(4)
})

test('an exception in the callback is not swallowed', async () => {
  using bells = temporaryDoorbells()
  const waiter = waitOnDoorbell(bells.doorbells, 1, () => {
    throw new Error('a bug')
  })
  const caught = once(process, 'uncaughtException')
  bells.doorbells.ring(1)
  const [error] = (await caught) as [Error]
  assert.is(error.message, 'a bug')
  waiter.stop()
})

test('bells that are not there are refused', () => {
  using bells = temporaryDoorbells()
  assert.is(bells.doorbells.count, 8)
  assert.throws(() => bells.doorbells.ring(8), RangeError)
  assert.throws(() => waitOnDoorbell(bells.doorbells, 8, () => undefined), RangeError)
  assert.throws(
    () => createDoorbells(bells.path, 8),
    (error: NodeJS.ErrnoException) => error.code === 'RING_EXISTS',
  )
  writeFileSync(`${bells.path}.bad`, 'abc')
  assert.throws(
    () => openDoorbells(`${bells.path}.bad`),
    (error: NodeJS.ErrnoException) => error.code === 'RING_FORMAT',
  )
  bells.doorbells.close()
  bells.doorbells.close()
  assert.throws(() => bells.doorbells.ring(1), 'closed')
})

test.run()
