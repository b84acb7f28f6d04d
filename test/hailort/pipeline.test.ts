import { openWriter } from 'hailort-node/ring'
import type { ScriptedBox } from 'hailort-node/simulated-hef'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { i420Bytes, temporaryRing } from '../ring/temporary-ring.ts'
import { codeOf, colour, echoOf, openModel } from './opened-model.ts'
import { simulatedHere } from './simulator.ts'

const npu = await simulatedHere()

/** A ring of pictures twice as wide as high, whose n-th frame has the n-th grey. */
function greyRing(greys: readonly number[], width = 64, height = 32) {
  const made = temporaryRing({ slotCount: Math.max(4, greys.length), maxWidth: width, maxHeight: height, format: 'RGB3' })
  const writer = openWriter(made.ring)
  for (const [ptsNs, grey] of greys.entries()) writer.write(new Uint8Array(width * height * 3).fill(grey), { width, height, ptsNs })
  return { ...made, writer, [Symbol.dispose]: () => made[Symbol.dispose]() }
}

const test = suite('inference')

test('every answer is that of its own frame, with many batches of all sizes in flight', async () => {
  await using opened = await openModel(npu, { fps: { 1: 2_000, 8: 4_000 } }, { batchSize: 8 })
  let next = 0
  const batches = Array.from({ length: 400 }, (_, index) => Array.from({ length: index % 5 }, () => [++next % 230, next % 199] as const))
  const order: number[] = []
  const waiting = new Set<Promise<unknown>>()
  for (const [index, batch] of batches.entries()) {
    const one = opened.model.infer(batch.map(([red, green]) => colour(red, green))).then((answers) => {
      if (batch.length > 0) order.push(index)
      assert.equal(answers.map(echoOf), batch)
      waiting.delete(one)
    })
    waiting.add(one)
    if (waiting.size >= 8) await Promise.race(waiting)
  }
  await Promise.all(waiting)
  assert.equal(
    order,
    [...order].sort((a, b) => a - b),
  )
  assert.is(opened.model.counters().frames, next)
  assert.is(opened.model.counters().inFlight, 0)
})

test('frames of a ring are answered with their own headers, each with what was in its slot', async () => {
  const greys = Array.from({ length: 16 }, (_, index) => 20 + 12 * index)
  using ring = greyRing(greys, 64, 64)
  await using opened = await openModel(npu, {}, { batchSize: 4 })
  const refs = greys.map((_, index) => ({ ring: ring.ring.handle, seq: index + 1 }))
  const rounds = await Promise.all([refs.slice(0, 5), refs.slice(5), [...refs].reverse()].map((frames) => opened.model.infer(frames)))
  const answers = rounds.flat()
  const expected = [...greys.keys(), ...[...greys.keys()].reverse()]
  answers.forEach((answer, at) => {
    const index = expected[at] ?? -1
    assert.is(answer?.info?.seq, index + 1)
    assert.equal(answer?.info, ring.ring.frameInfo(index + 1))
    // Through I420 and back a grey moves a little.
    assert.ok(Math.abs(echoOf(answer)[0] - (greys[index] ?? 0)) < 6, `frame ${index} came back as ${echoOf(answer)[0]}`)
  })
  assert.ok(opened.model.counters().queueAgeMs > 0 && opened.model.counters().letterboxMs > 0)
})

test('the letterbox is undone exactly, whichever way the picture lies in the input', async () => {
  const boxes: ScriptedBox[] = [
    [0.35, 0.35, 0.6, 0.55, 0.9, 0],
    [0.1, 0.1, 0.9, 0.95, 0.8, 0],
  ]
  await using opened = await openModel(npu, { detector: { kind: 'script', frames: [boxes] } })
  // Picture → its part of the square input: x, y, width, height.
  const shapes: [number, number, number[]][] = [
    [64, 32, [0, 0.25, 1, 0.5]],
    [24, 48, [0.25, 0, 0.5, 1]],
    [64, 48, [0, 0.125, 1, 0.75]],
    [64, 64, [0, 0, 1, 1]],
    [320, 200, [0, 12 / 64, 1, 40 / 64]],
  ]
  for (const [width, height, [x = 0, y = 0, w = 1, h = 1]] of shapes) {
    using ring = greyRing([80], width, height)
    const [answer] = await opened.model.infer([{ ring: ring.ring.handle, seq: 1 }])
    const clamped = (value: number) => Math.min(1, Math.max(0, value))
    const expected = boxes.flatMap(([x1, y1, x2, y2, score, classId]) => [
      ...[(x1 - x) / w, (y1 - y) / h, (x2 - x) / w, (y2 - y) / h].map(clamped),
      score,
      classId,
    ])
    const values = [...(answer?.detections ?? [])]
    assert.is(values.length, expected.length)
    for (const [at, value] of values.entries()) {
      assert.ok(Math.abs(value - (expected[at] ?? 9)) < 1e-6, `${width}×${height}: ${values.join()}`)
    }
  }
})

test('a frame that was overwritten, is not there yet or has no pixels is null and costs the chip nothing', async () => {
  using ring = greyRing([10, 20, 30, 40, 50, 60])
  await using opened = await openModel(npu)
  ring.writer.write(new Uint8Array(64 * 32 * 3).fill(70), { width: 64, height: 32, ptsNs: 0 })
  ring.writer.endOfStream()
  const answers = await opened.model.infer([1, 2, 3, 4, 8, 99].map((seq) => ({ ring: ring.ring.handle, seq })))
  assert.equal(
    answers.map((answer) => answer?.info?.seq ?? null),
    [null, null, 3, 4, null, null],
  )
  assert.is(opened.model.counters().frames, 2)
  assert.equal(await opened.model.infer([{ ring: ring.ring.handle, seq: 1 }]), [null])
})

test('the bytes of a call are copied before it returns, and its ring may be closed', async () => {
  await using opened = await openModel(npu, { fps: { 1: 100 } })
  const bytes = colour(77, 33)
  const waiting = opened.model.infer([bytes, bytes, bytes])
  bytes.fill(255)
  assert.equal((await waiting).map(echoOf), [
    [77, 33],
    [77, 33],
    [77, 33],
  ])
  const ring = greyRing([100])
  const seen = opened.model.infer([{ ring: ring.ring.handle, seq: 1 }])
  ring[Symbol.dispose]()
  assert.is((await seen)[0]?.info?.seq, 1)
})

test('a live ring that is overwritten all the while gives whole frames or null', async () => {
  using ring = temporaryRing({ maxWidth: 64, maxHeight: 32 })
  const writer = openWriter(ring.ring)
  await using opened = await openModel(npu, {}, { batchSize: 4 })
  let answered = 0
  for (let round = 0; round < 200; round++) {
    for (let frame = 0; frame < 3; frame++) writer.write(new Uint8Array(i420Bytes(64, 32)).fill(128), { width: 64, height: 32, ptsNs: 0 })
    const { head } = ring.ring
    const waiting = opened.model.infer([head - 3, head - 1, head].map((seq) => ({ ring: ring.ring.handle, seq: Math.max(1, seq) })))
    writer.write(new Uint8Array(i420Bytes(64, 32)).fill(128), { width: 64, height: 32, ptsNs: 0 })
    for (const answer of await waiting) {
      if (answer === null) continue
      answered++
      assert.ok(Math.abs(echoOf(answer)[0] - 130) < 6)
    }
  }
  assert.ok(answered > 100, `${answered} answers`)
})

test('more frames than may wait are refused at once, and what waits is answered', async () => {
  await using opened = await openModel(npu, { fps: { 1: 200 } })
  const batch = Array.from({ length: 16 }, () => colour(5))
  const calls = Array.from({ length: 12 }, () => opened.model.infer(batch).then((answers) => answers.length))
  const ends = await Promise.allSettled(calls)
  const refused = ends.filter((end): end is PromiseRejectedResult => end.status === 'rejected')
  assert.ok(refused.length >= 1 && refused.length <= 8, `${refused.length} refused`)
  for (const { reason } of refused) assert.instance(reason, RangeError)
  for (const end of ends) if (end.status === 'fulfilled') assert.is(end.value, 16)
  assert.is((await opened.model.infer(batch)).length, 16)
})

test('a batch of more frames than may ever wait is refused before any of them is looked at', async () => {
  using ring = greyRing([10])
  await using opened = await openModel(npu)
  let looks = 0
  const frame = {
    ring: ring.ring.handle,
    get seq() {
      looks++
      return 1
    },
  }
  assert.is((await opened.model.infer(Array<typeof frame>(64).fill(frame))).length, 64)
  assert.is(looks, 64)
  assert.is(await codeOf(opened.model.infer(Array<typeof frame>(65).fill(frame))), 'RangeError')
  assert.is(looks, 64)
})

test.run()
