import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Batch, type Offer, Scheduler, type StreamPlan } from '../../agent/engine/scheduler.ts'

const device = { batchSize: 2, maxBatch: 8, maxInFlight: 2 }
const live = (plan: Partial<StreamPlan> = {}): StreamPlan => ({ lossless: false, detectFps: 30, weight: 1, after: 0, ...plan })
const file = (plan: Partial<StreamPlan> = {}): StreamPlan => live({ lossless: true, ...plan })
const offer = (stream: string, newest: number, urgent = false): Offer => ({ stream, newest, urgent })
const seqs = (batch: Batch | null) => batch?.frames.map(({ seq }) => seq) ?? null

/** Cameras of `cameraFps` for `seconds`, a device that takes `batchMs`; returns the frames each stream had inferred. */
function run(
  plans: Record<string, StreamPlan>,
  {
    cameraFps = 30,
    batchMs = 10,
    seconds = 20,
    ...more
  }: { cameraFps?: number; batchMs?: number; seconds?: number; maxBatch?: number; maxInFlight?: number },
) {
  const settings = { ...device, maxInFlight: 1, ...more }
  const scheduler = new Scheduler(settings)
  for (const [stream, plan] of Object.entries(plans)) scheduler.add(stream, plan)
  const served = new Map(Object.keys(plans).map((stream) => [stream, [] as number[]]))
  const flights: { batch: Batch; endsMs: number }[] = []
  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs++) {
    for (const flight of flights.filter(({ endsMs }) => endsMs <= nowMs)) {
      flights.splice(flights.indexOf(flight), 1)
      scheduler.done(flight.batch, batchMs)
    }
    const offers = Object.entries(plans).map(([stream, { lossless }]) =>
      // A file is always ahead; a camera shows one frame after the other.
      offer(stream, lossless ? (served.get(stream)?.at(-1) ?? 0) + 20 : Math.floor((nowMs * cameraFps) / 1_000) + 1),
    )
    for (let batch = scheduler.next(offers, flights.length, nowMs); batch; batch = scheduler.next(offers, flights.length, nowMs)) {
      for (const { stream, seq } of batch.frames) served.get(stream)?.push(seq)
      flights.push({ batch, endsMs: nowMs + batchMs })
    }
  }
  return (stream: string) => served.get(stream) ?? []
}

const test = suite('scheduler')

test('takes the newest frame of each live stream, once', () => {
  const scheduler = new Scheduler(device)
  scheduler.add('door', live())
  scheduler.add('hall', live())
  const offers = [offer('door', 7), offer('hall', 3)]
  assert.equal(scheduler.next(offers, 0, 0), {
    lossless: false,
    frames: [
      { stream: 'door', seq: 7 },
      { stream: 'hall', seq: 3 },
    ],
  })
  assert.is(scheduler.next(offers, 0, 1_000), null)
})

test('keeps no more in flight than it may, and picks at the last moment', () => {
  const scheduler = new Scheduler(device)
  scheduler.add('door', live({ detectFps: 100 }))
  assert.equal(seqs(scheduler.next([offer('door', 1)], 0, 0)), [1])
  assert.equal(seqs(scheduler.next([offer('door', 2)], 1, 50)), [2])
  assert.is(scheduler.next([offer('door', 3)], 2, 100), null)
  assert.equal(seqs(scheduler.next([offer('door', 9)], 1, 300)), [9])
})

test('looks no more often than detectFps says, whatever the camera gives', () => {
  for (const [cameraFps, detectFps] of [
    [30, 10],
    [25, 10],
    [30, 30],
    [30, 7],
    [60, 5],
  ] as const) {
    const fps = run({ door: live({ detectFps }) }, { cameraFps })('door').length / 20
    assert.ok(fps <= detectFps + 0.2 && fps > detectFps * 0.9, `${cameraFps} fps camera, detectFps ${detectFps}: ${fps}`)
  }
})

test('takes every frame of a camera that trembles around detectFps', () => {
  const scheduler = new Scheduler(device)
  scheduler.add('door', live({ detectFps: 30 }))
  let taken = 0
  for (let frame = 1; frame <= 300; frame++) {
    const nowMs = (frame * 1_000) / 30 + (frame % 3) * 4
    if (scheduler.next([offer('door', frame)], 0, nowMs)) taken++
  }
  assert.is(taken, 300)
})

test('serves by weight when the device is too slow for all', () => {
  const served = run({ one: live(), two: live({ weight: 2 }), half: live({ weight: 0.5 }) }, { batchMs: 100, maxBatch: 1, seconds: 60 })
  const per = served('one').length
  assert.ok(Math.abs(served('two').length / per - 2) < 0.1, `${served('two').length} of ${per}`)
  assert.ok(Math.abs(served('half').length / per - 0.5) < 0.1, `${served('half').length} of ${per}`)
})

test('gives a stream that comes late no claim on the past', () => {
  const scheduler = new Scheduler({ ...device, maxBatch: 1 })
  scheduler.add('old', live())
  for (let frame = 1; frame <= 500; frame++) scheduler.next([offer('old', frame)], 0, frame * 100)
  scheduler.add('new', live())
  const picks = Array.from(
    { length: 20 },
    (_, index) => scheduler.next([offer('old', 1_000 + index), offer('new', index + 1)], 0, 60_000 + index * 100)?.frames[0]?.stream,
  )
  assert.is(picks.filter((stream) => stream === 'old').length, 10)
})

test('takes a file in order, in batches, without a gap', () => {
  const scheduler = new Scheduler(device)
  scheduler.add('clip', file({ after: 4 }))
  assert.equal(seqs(scheduler.next([offer('clip', 10)], 0, 0)), [5, 6, 7, 8, 9, 10])
  assert.equal(seqs(scheduler.next([offer('clip', 25)], 1, 1)), [11, 12, 13, 14, 15, 16, 17, 18])
})

test('lets a batch of a file fill for 20 ms, but not when nothing more can come', () => {
  const scheduler = new Scheduler({ ...device, batchSize: 4 })
  scheduler.add('clip', file())
  assert.is(scheduler.wakeInMs(0), null)
  assert.is(scheduler.next([offer('clip', 2)], 0, 100), null)
  assert.is(scheduler.wakeInMs(105), 15)
  assert.is(scheduler.next([offer('clip', 3)], 0, 119), null)
  assert.equal(seqs(scheduler.next([offer('clip', 3)], 0, 120)), [1, 2, 3])
  assert.is(scheduler.wakeInMs(121), null)
  assert.equal(seqs(scheduler.next([offer('clip', 4, true)], 0, 122)), [4])
})

test('a file takes what is idle', () => {
  const served = run({ door: live({ detectFps: 5 }), clip: file() }, { batchMs: 20 })
  assert.ok(served('door').length >= 95, `${served('door').length}`)
  assert.ok(served('clip').length > 600, `${served('clip').length}`)
})

test('a file has a tenth of a device that is busy, live streams the rest', () => {
  const served = run({ door: live(), hall: live(), clip: file() }, { batchMs: 100, maxBatch: 1, seconds: 100 })
  assert.ok(served('clip').length >= 90 && served('clip').length <= 130, `${served('clip').length} of 1000 batches`)
})

test('forgets a stream that is gone', () => {
  const scheduler = new Scheduler(device)
  scheduler.add('clip', file())
  scheduler.next([offer('clip', 1)], 0, 0)
  scheduler.remove('clip')
  assert.is(scheduler.wakeInMs(0), null)
  assert.is(scheduler.next([offer('clip', 9), offer('stranger', 9)], 0, 100), null)
})

test.run()
