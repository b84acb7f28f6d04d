import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { scenarios } from './inference-scenarios.ts'
import { scene } from './run-scenario.ts'

type ResultOf<Name extends keyof typeof scenarios> = Awaited<ReturnType<(typeof scenarios)[Name]>>

const test = suite('inference on the simulator')

/** Result of one scenario of inference-scenarios.ts, with this control file. */
async function result<Name extends keyof typeof scenarios>(name: Name, control: object = {}): Promise<ResultOf<Name>> {
  using made = scene(control)
  return (await made.run('inference', name)).result as ResultOf<Name>
}

const isAbout = (value: number, expected: number, share: number) =>
  assert.ok(Math.abs(value - expected) <= share * expected, `${value} is about ${expected}`)

test('answers come in the order of the frames, with several in flight', async () => {
  assert.equal(
    await result('order'),
    Array.from({ length: 200 }, (_, index) => index),
  )
})

test('a batch takes the time that the profile says, also between its sizes', async () => {
  const { one, eight, four } = await result('batches')
  isAbout(eight / one, 44 / 20, 0.2)
  isAbout(four / one, (20 + ((44 - 20) * 3) / 7) / 20, 0.2)
})

test('two networks share the chip in turns', async () => {
  const { apartMs, aloneMs } = await result('shared')
  // Alone, one of them takes as long as half of both together.
  assert.ok(apartMs < aloneMs / 2, `${apartMs} ms apart, ${aloneMs} ms alone`)
})

test('the link is the limit where it is slower than the chip', async () => {
  // Frames of 12.6 MB, so that writing them is not the limit.
  const gen2x1 = await result('link', { pcie: 'gen2x1' })
  assert.ok(gen2x1 <= 39.7 * 1.01, `${gen2x1} at gen 2`)
  const gen3x1: number[] = []
  // On a busy machine it may be, for a moment.
  while (gen3x1.length < 5 && !gen3x1.some((fps) => fps > 1.2 * gen2x1)) gen3x1.push(await result('link', { pcie: 'gen3x1' }))
  assert.ok(Math.max(...gen3x1) <= 78.3 * 1.01, `${gen3x1.join()} at gen 3`)
  assert.ok(Math.max(...gen3x1) > 1.2 * gen2x1, `${gen3x1.join()} at gen 3, ${gen2x1} at gen 2`)
})

test('a script gives its boxes frame by frame, best first in each class, and begins again', async () => {
  const box = [0.125, 0.25, 0.5, 0.75]
  const first = [
    [0.5, 0.5, 0.75, 1, 0.875, 0],
    [...box, 0.75, 0],
    [...box, 0.5, 1],
  ]
  // Class 7 does not exist in a network of two classes.
  assert.equal(await result('script'), [first, [], [], first])
})

test('thresholds and proposals can be set where NMS runs on the CPU, and change boxes and frame size', async () => {
  assert.equal(await result('thresholds'), {
    answers: [0, 0, 2, 2, 0, 2],
    sizes: [2 * (1 + 5 * 4) * 4, 2 * (1 + 5) * 4],
    wrongSize: 2,
    boxes: [[0.5, 0.5, 0.75, 1, 0.875, 0]],
  })
})

test('nothing of the NMS can be set where it runs on the chip', async () => {
  assert.equal(await result('onChip'), [6, 6, 6])
})

test('outputs come sorted by name, tensors are quantised values that can be foretold', async () => {
  const { statuses, sizes, a, nms, z } = await result('tensors')
  assert.equal(statuses, [0, 0, 0])
  assert.equal(sizes, [2 * 2 * 65 * 2, 2 * (1 + 5 * 4) * 4, 2 * 2 * 65], 'a, tiny/nms, z')
  assert.equal([a, nms, z], [[9, 10, 17], 9, [9, 10, 17]])
})

test('after a read that timed out the answer goes into its buffer, and nothing can be read any more', async () => {
  const { empty, waitedMs, late, after, untouched } = await result('timeouts')
  assert.is(empty, 4)
  assert.ok(waitedMs > 90, `it waited ${waitedMs} ms`)
  assert.equal({ late, after, untouched }, { late: 77, after: [8, 8], untouched: true })
})

test('a write waits for room, then times out; a frame of another size is refused', async () => {
  const { taken, last, size } = await result('full')
  assert.is(last, 4)
  assert.ok(taken >= 3 && taken < 10, `${taken} frames fit`)
  assert.is(size, 2)
})

test('a shutdown wakes blocked calls, is for good, and gives the device back', async () => {
  const { tookMs, ...statuses } = await result('shutdown')
  assert.equal(statuses, { second: 0, status: 0, blocked: [63, 63], later: [63, 63, 0], works: [0, 1, 2] })
  assert.ok(tookMs < 10_000, 'although the chip had 100 s to go')
})

test('the scheduler waits for its threshold, but not longer than its timeout', async () => {
  assert.equal(await result('threshold'), [0, 5, 4])
})

test.run()
