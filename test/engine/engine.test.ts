import type { FrameInfo, Ring } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DetectedFrame, DetectorFrame } from '../../agent/engine/detectors/detector.ts'
import { Engine, type EngineParts } from '../../agent/engine/engine.ts'
import type { EngineReport, FrameReport } from '../../agent/engine/messages.ts'
import { monotonicMs } from '../../agent/ring/monotonic.ts'
import { eventually } from '../support/eventually.ts'
import { RingsForTest, writeFrame } from './rings-for-test.ts'

/** A detector whose answers come when the test says so. */
class ManualDetector {
  readonly simulated = true
  readonly forgotten: string[] = []
  readonly calls: {
    readonly frames: readonly DetectorFrame[]
    answer(x?: number, guess?: boolean): void
    lose(): void
    fail(error: Error): void
  }[] = []

  async detect(frames: readonly DetectorFrame[]): Promise<readonly (DetectedFrame | null)[]> {
    const infos = frames.map(({ ring, seq }) => ring.frameInfo(seq))
    return new Promise((resolve, reject) => {
      this.calls.push({
        frames,
        answer: (x = 0.5, guess = false) => resolve(infos.map((info) => info && { ...found(info, x), guess })),
        lose: () => resolve(infos.map(() => null)),
        fail: reject,
      })
    })
  }

  forget(stream: string): void {
    this.forgotten.push(stream)
  }

  /** The frames of the call number `index`. */
  seqs(index = -1): number[] {
    return this.calls.at(index)?.frames.map(({ seq }) => seq) ?? []
  }
}

function found(info: FrameInfo, x: number): DetectedFrame {
  return { info, boxes: [{ x1: x - 0.05, y1: 0.3, x2: x + 0.05, y2: 0.8, score: 0.9, classId: 0 }] }
}

/** An engine with a manual detector, and everything it said. */
function engineWith(parts: Partial<EngineParts> = {}) {
  const detector = new ManualDetector()
  const reports: EngineReport[] = []
  const failures: unknown[] = []
  const lostRings: string[] = []
  const engine = new Engine({
    detector,
    npu: null,
    cpuFallback: false,
    trackIds: new Map(),
    tracking: { scoreThreshold: 0.3, confirmFrames: 1, buffer: 30 },
    batchSize: 2,
    maxBatch: 8,
    maxInFlight: 1,
    batchMs: 200,
    send: (report) => reports.push(report),
    backlog: () => 0,
    nowMs: monotonicMs,
    onFailure: (cause) => failures.push(cause),
    onRingLost: (stream) => lostRings.push(stream),
    ...parts,
  })
  const frames = (): FrameReport[] => reports.flatMap((report) => (report.type === 'results' ? report.frames : []))
  return { engine, detector, reports, failures, lostRings, frames, [Symbol.dispose]: () => engine.close() }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
const flags = (ring: Ring, seq: number) => {
  const results = ring.readResults(seq)
  return results && { predicted: results.predicted, people: results.detections.length }
}
const door = { stream: 'door', detectFps: 1e6, weight: 1 }

const test = suite('engine')

test('brings the tracks of a frame into its own slot and to the agent', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const ring = rings.create('door')
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('door'), door)
  assert.is(one.detector.calls.length, 0, 'nothing to look at yet')
  writeFrame(writer, 1)
  one.engine.pump()
  assert.equal(one.detector.seqs(), [1])
  one.detector.calls[0]?.answer()
  await settled()
  const results = ring.readResults(1)
  assert.is(results?.predicted, false)
  assert.is(results?.simulated, true)
  assert.is(results?.detections[0]?.trackId, 1)
  const [report] = one.frames()
  assert.is(report?.seq, 1)
  assert.is(report?.generation, 1)
  assert.is(report?.arrivedMs, ring.frameInfo(1)?.arrivedMs)
  assert.is(report?.tracks[0]?.id, 1)
})

test('frames that the detector has no time for get predicted boxes at once, and no report', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const ring = rings.create('door')
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('door'), door)
  writeFrame(writer, 1)
  one.engine.pump()
  assert.equal(flags(ring, 1), { predicted: true, people: 0 })
  one.detector.calls[0]?.answer()
  await settled()
  assert.equal(flags(ring, 1), { predicted: false, people: 1 }, 'the inference takes the place of the prediction')
  for (const index of [2, 3, 4]) {
    writeFrame(writer, index)
    one.engine.pump()
    assert.equal(flags(ring, index), { predicted: true, people: 1 })
  }
  assert.is(ring.resultHead, 4)
  assert.equal(one.detector.seqs(), [2])
  one.detector.calls[1]?.answer()
  await settled()
  assert.is(ring.resultHead, 4, 'never goes back')
  assert.equal(flags(ring, 2), { predicted: false, people: 1 })
  assert.equal(one.detector.seqs(), [4], 'the newest frame, picked when the detector became free')
  assert.equal(
    one.frames().map(({ seq, predicted }) => ({ seq, predicted })),
    [
      { seq: 1, predicted: false },
      { seq: 2, predicted: false },
    ],
  )
})

test('a fast detector is not preceded by a prediction of the frame it holds', () => {
  using rings = new RingsForTest()
  using one = engineWith({ batchMs: 5 })
  const ring = rings.create('door')
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('door'), door)
  writeFrame(writer, 1)
  one.engine.pump()
  assert.is(ring.readResults(1), null)
  writeFrame(writer, 2)
  one.engine.pump()
  assert.equal(flags(ring, 2), { predicted: true, people: 0 })
})

test('skips by detectFps and predicts what it skips', async () => {
  using rings = new RingsForTest()
  let nowMs = 0
  using one = engineWith({ nowMs: () => nowMs })
  const ring = rings.create('door')
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('door'), { ...door, detectFps: 10 })
  for (let index = 1; index <= 60; index++) {
    nowMs = (index * 1_000) / 30
    writeFrame(writer, index)
    one.engine.pump()
    if (one.engine.busy) one.detector.calls.at(-1)?.answer()
    await settled()
    assert.ok(ring.readResults(index), `frame ${index} has boxes`)
  }
  assert.ok(one.detector.calls.length >= 19 && one.detector.calls.length <= 21, `${one.detector.calls.length}`)
})

test('counts the frames it never saw and the results that came too late', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const ring = rings.create('door', { slotCount: 4 })
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('door'), door)
  writeFrame(writer, 1)
  one.engine.pump()
  for (let index = 2; index <= 8; index++) writeFrame(writer, index)
  one.detector.calls[0]?.answer()
  await settled()
  one.detector.calls[1]?.lose()
  await settled()
  one.engine.tick()
  const stats = one.reports.findLast((report) => report.type === 'stats')
  assert.equal(stats?.streams, [{ stream: 'door', framesLost: 7, resultsLost: 1, learnt: null }])
})

test('what an NPU does is said although no stream is there: it has come to rest', () => {
  const facts = { deviceId: '0000:01:00.0', chip: 'Hailo-8', firmwareVersion: '4.23.0', libraryVersion: '4.23.0', model: 'm.hef' }
  const resting = { utilisation: 0, temperatureC: 40, batchFill: null, queueAgeMs: null }
  using one = engineWith({ npu: { facts, stats: () => resting } })
  one.engine.tick()
  assert.equal(one.reports, [{ type: 'stats', streams: [], npu: resting, stages: {} }])
  using cpu = engineWith()
  cpu.engine.tick()
  assert.equal(cpu.reports, [])
})

test('a new writer is a new picture: nobody is followed into it, and no id comes again', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const ring = rings.create('door')
  const first = rings.writer(ring)
  one.engine.attach(rings.open('door'), door)
  const look = async (writer: ReturnType<RingsForTest['writer']>, index: number) => {
    writeFrame(writer, index)
    one.engine.pump()
    const predictedFirst = flags(ring, ring.head)
    one.detector.calls.at(-1)?.answer()
    await settled()
    return predictedFirst
  }
  for (let index = 1; index <= 3; index++) await look(first, index)
  const second = rings.writer(ring)
  assert.equal(await look(second, 4), { predicted: true, people: 0 })
  await look(second, 5)
  assert.equal(
    one.frames().map(({ generation, tracks }) => [generation, tracks[0]?.id]),
    [
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 2],
      [2, 2],
    ],
  )
})

test('two batches in flight land in the order in which they left', async () => {
  using rings = new RingsForTest()
  using one = engineWith({ maxInFlight: 2 })
  const ring = rings.create('door')
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('door'), door)
  for (const index of [1, 2]) {
    writeFrame(writer, index)
    one.engine.pump()
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  assert.is(one.detector.calls.length, 2)
  one.detector.calls[1]?.answer()
  await settled()
  assert.equal(one.frames(), [])
  one.detector.calls[0]?.answer()
  await settled()
  assert.equal(
    one.frames().map(({ seq }) => seq),
    [1, 2],
  )
})

test('a lossless stream: every frame once, in order, released, and its end passed on', async () => {
  using rings = new RingsForTest()
  using one = engineWith({ maxInFlight: 2 })
  const ring = rings.create('clip', { mode: 'lossless', slotCount: 20 })
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('clip'), { ...door, stream: 'clip' })
  let written = 0
  const answers = setInterval(() => {
    one.engine.pump()
    // The younger batch first: order must not depend on it.
    for (const call of one.detector.calls.splice(0).reverse()) call.answer()
  }, 2)
  try {
    for (; written < 200; written++)
      await eventually(() => written - ring.released < 20 && writeFrame(writer, written), { what: 'there is room', everyMs: 1 })
    await eventually(() => writer.endOfStream(), { what: 'there is room for the end' })
    await eventually(() => one.reports.some(({ type }) => type === 'ended'), { what: 'the end is told' })
  } finally {
    clearInterval(answers)
  }
  assert.equal(
    one.frames().map(({ seq }) => seq),
    Array.from({ length: 200 }, (_, index) => index + 1),
  )
  assert.equal(one.reports.at(-1), { type: 'ended', stream: 'clip', seq: 201 })
  assert.is(ring.released, 201)
  assert.is(ring.resultHead, 201)
  assert.is(ring.resultsLost, 0)
})

test('a live stream that ends is told of once, and a new writer goes on', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const ring = rings.create('door')
  const writer = rings.writer(ring)
  one.engine.attach(rings.open('door'), door)
  writeFrame(writer, 1)
  one.engine.pump()
  writer.endOfStream()
  for (let turn = 0; turn < 3; turn++) one.engine.pump()
  one.detector.calls[0]?.answer()
  await settled()
  one.engine.pump()
  assert.equal(
    one.reports.filter(({ type }) => type === 'ended'),
    [{ type: 'ended', stream: 'door', seq: 2 }],
  )
  assert.is(one.detector.calls.length, 1, 'there is nothing to see in the end')
  writeFrame(rings.writer(ring), 3)
  one.engine.pump()
  assert.equal(one.detector.seqs(), [3])
})

test('lets a stream go while the detector holds its frame, and takes it back', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const ring = rings.create('door')
  const writer = rings.writer(ring)
  const mapping = rings.open('door')
  one.engine.attach(mapping, door)
  writeFrame(writer, 1)
  one.engine.pump()
  one.engine.detach('door')
  assert.ok(mapping.geometry, 'still open: the detector works on it')
  one.detector.calls[0]?.answer()
  await settled()
  assert.throws(() => mapping.head, /closed/)
  assert.equal(one.frames(), [])
  assert.equal(one.detector.forgotten, ['door'])
  one.engine.attach(rings.open('door'), door)
  one.detector.calls[1]?.answer()
  await settled()
  assert.equal(
    one.frames().map(({ seq }) => seq),
    [1],
    'the frame on show is looked at',
  )
})

test('lets a ring go that cannot be used, and the others go on', () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const writer = rings.writer(rings.create('door'))
  rings.create('hall')
  const broken = rings.open('hall')
  one.engine.attach(broken, { ...door, stream: 'hall' })
  one.engine.attach(rings.open('door'), door)
  broken.close()
  writeFrame(writer, 1)
  one.engine.pump()
  assert.equal(one.lostRings, ['hall'])
  assert.equal(one.detector.seqs(), [1])
})

test('a ring that fails under a result is let go, and the others go on', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const writers = ['door', 'hall'].map((stream) => rings.writer(rings.create(stream)))
  const broken = rings.open('hall')
  one.engine.attach(broken, { ...door, stream: 'hall' })
  one.engine.attach(rings.open('door'), door)
  for (const writer of writers) writeFrame(writer, 1)
  one.engine.pump()
  assert.is(one.detector.calls[0]?.frames.length, 2)
  broken.close()
  one.detector.calls[0]?.answer()
  await settled()
  assert.equal(one.lostRings, ['hall'])
  assert.equal(one.failures, [])
  assert.equal(
    one.frames().map(({ stream }) => stream),
    ['door'],
  )
  one.engine.attach(rings.open('hall'), { ...door, stream: 'hall' })
  one.detector.calls[1]?.answer()
  await settled()
  assert.is(one.frames().at(-1)?.stream, 'hall', 'attached again, it is looked at again')
})

test('guesses are reported as such, and the first look after them counts whom it sees at once', async () => {
  using rings = new RingsForTest()
  using one = engineWith({ tracking: { scoreThreshold: 0.3, confirmFrames: 3, buffer: 30 } })
  const writer = rings.writer(rings.create('door'))
  one.engine.attach(rings.open('door'), door)
  for (const [index, guess] of [true, true, true, false, false].entries()) {
    writeFrame(writer, index + 1)
    one.engine.pump()
    // Somewhere else than in the guesses: nobody there is waited for.
    one.detector.calls.at(-1)?.answer(guess ? 0.2 : 0.8, guess)
    await settled()
  }
  assert.equal(
    one.frames().map(({ tentative, tracks }) => [tentative, tracks.filter(({ confirmed }) => confirmed).length]),
    [
      [true, 1],
      [true, 1],
      [true, 1],
      [false, 1],
      [false, 1],
    ],
  )
  assert.is.not(one.frames()[3]?.tracks[0]?.id, one.frames()[2]?.tracks[0]?.id)
})

test('says once that it cannot go on when an inference fails', async () => {
  using rings = new RingsForTest()
  using one = engineWith()
  const writer = rings.writer(rings.create('door'))
  one.engine.attach(rings.open('door'), door)
  writeFrame(writer, 1)
  one.engine.pump()
  one.detector.calls[0]?.fail(new Error('the device is on fire'))
  await settled()
  writeFrame(writer, 2)
  one.engine.pump()
  assert.is(one.failures.length, 1)
  assert.is(one.detector.calls.length, 1)
})

test('an agent that takes no reports gets no new ones', () => {
  using rings = new RingsForTest()
  let backlog = 1_000
  using one = engineWith({ backlog: () => backlog })
  const writer = rings.writer(rings.create('door'))
  one.engine.attach(rings.open('door'), door)
  writeFrame(writer, 1)
  one.engine.pump()
  assert.is(one.detector.calls.length, 0)
  backlog = 0
  one.engine.pump()
  assert.is(one.detector.calls.length, 1)
})

test.run()
