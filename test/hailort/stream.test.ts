import { setTimeout as sleep } from 'node:timers/promises'
import type { InferredFrame, InputFrame } from 'hailort-node/hailort'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, colour, echoOf, openModel } from './opened-model.ts'
import { simulatedHere } from './simulator.ts'

const npu = await simulatedHere()

async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  for (const item of items) yield item
}

const test = suite('stream of batches')

test('a stream gives the answers of all batches in order, however fast source and reader are', async () => {
  await using opened = await openModel(npu, { fps: { 1: 1_000 } }, { batchSize: 2 })
  const reds = Array.from({ length: 60 }, (_, index) => [2 * index, 2 * index + 1])
  for (const inFlight of [1, 2, 5]) {
    const seen: number[][] = []
    const source = each(reds.map((batch) => batch.map((red) => colour(red))))
    for await (const answers of opened.model.stream(source, { inFlight })) {
      seen.push(answers.map((answer) => echoOf(answer)[0]))
      if (seen.length === 10) await sleep(20)
    }
    assert.equal(seen, reds)
  }
  const none: (InferredFrame | null)[][] = []
  for await (const answers of opened.model.stream(each<InputFrame[]>([]))) none.push(answers)
  assert.equal(none, [])
})

test('a slow reader slows the source: no more batches are taken than may be in flight', async () => {
  await using opened = await openModel(npu)
  let taken = 0
  let closed = false
  async function* source() {
    try {
      for (;;) {
        taken++
        yield [colour(taken % 200)]
      }
    } finally {
      closed = true
    }
  }
  let read = 0
  for await (const answers of opened.model.stream(source(), { inFlight: 3 })) {
    read++
    assert.is(echoOf(answers[0])[0], read % 200)
    await sleep(2)
    assert.ok(taken <= read + 3 + 1, `${taken} taken, ${read} read`)
    if (read === 20) break
  }
  assert.ok(closed, 'the source was told')
  assert.is((await opened.model.infer([colour(1)])).length, 1)
})

test('a stream ends with the failure of its source, after the answers before it', async () => {
  await using opened = await openModel(npu)
  async function* source() {
    yield [colour(1)]
    yield [colour(2)]
    throw new Error('camera gone')
  }
  const seen: number[] = []
  const error: unknown = await (async () => {
    for await (const answers of opened.model.stream(source())) seen.push(echoOf(answers[0])[0])
  })().catch((caught: unknown) => caught)
  assert.is((error as Error).message, 'camera gone')
  assert.equal(seen, [1, 2])
})

test('leaving a stream does not wait for a source that is silent', async () => {
  await using opened = await openModel(npu)
  async function* source() {
    yield [colour(1)]
    await new Promise(() => undefined)
    yield [colour(2)]
  }
  const stream = opened.model.stream(source())
  assert.is((await stream.next()).value?.length, 1)
  await stream.return()
})

test('a stream whose model fails throws that failure and closes the source', async () => {
  await using opened = await openModel(npu)
  let closed = false
  async function* source() {
    try {
      for (;;) yield [colour(3)]
    } finally {
      closed = true
    }
  }
  const reading = (async () => {
    for await (const answers of opened.model.stream(source())) if (answers.length > 0) void opened.model.close()
  })()
  assert.is(await codeOf(reading), 'CLOSED')
  assert.ok(closed)
})

test('more batches in flight than none must be asked for', async () => {
  await using opened = await openModel(npu)
  for (const inFlight of [0, -1, 1.5, Number.NaN]) assert.is(await codeOf(opened.model.stream(each([]), { inFlight }).next()), 'RangeError')
})

test.run()
