import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { anonymousMb } from '../support/process-tree.ts'
import { EngineChild, startOrder } from './engine-child.ts'
import { RingsForTest, writeFrame } from './rings-for-test.ts'

/** Ends within the limit, or says what did not. */
async function endsWithin(child: EngineChild, withinMs: number): Promise<void> {
  const startedMs = performance.now()
  await Promise.race([child.exited(), sleep(withinMs, undefined, { ref: false })])
  assert.ok(
    child.process.exitCode !== null || child.process.signalCode !== null,
    `gone within ${withinMs} ms, not after ${performance.now() - startedMs}`,
  )
}

/** Writes frames at `fps` until stopped. */
function camera(writer: ReturnType<RingsForTest['writer']>, fps: number): Disposable {
  let index = 0
  const timer = setInterval(() => writeFrame(writer, index++), 1_000 / fps)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

const test = suite('engine process')

test('is ready after it has proved that it can infer, and leaves no file behind', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings)
  const { backend, simulated, detectorP99Ms } = await engine.said('ready')
  assert.is(backend, 'null:5')
  assert.is(simulated, true)
  assert.ok(detectorP99Ms >= 4 && detectorP99Ms < 5_000, `${detectorP99Ms}`)
  assert.equal(readdirSync(rings.dir), ['doorbells'])
  assert.match(readFileSync(`/proc/${engine.process.pid ?? 0}/cmdline`, 'utf8'), /^headcount: engine/)
})

test('results lie in the slots of their own frames and are reported as they lie there', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings)
  const ring = rings.create('door', { slotCount: 64 })
  const writer = rings.writer(ring)
  engine.attach(rings, 'door')
  {
    using _camera = camera(writer, 50)
    await eventually(() => engine.frames('door').length >= 20, { what: 'twenty frames are reported' })
  }
  let compared = 0
  for (const report of engine.frames('door').slice(-5)) {
    const info = ring.frameInfo(report.seq)
    const results = ring.readResults(report.seq)
    if (info === null || results === null) continue
    compared++
    assert.is(report.ptsNs, info.ptsNs)
    assert.is(report.arrivedMs, info.arrivedMs)
    assert.is(report.generation, 1)
    assert.is(report.predicted, false)
    assert.is(results.predicted, false)
    assert.is(results.inferenceUs, report.inferenceUs)
    assert.is(results.simulated, true)
    assert.equal(
      results.detections.map(({ trackId }) => trackId),
      [1, 2, 3],
    )
    assert.equal(
      report.tracks.map(({ id, confirmed }) => [id, confirmed]),
      [
        [1, true],
        [2, true],
        [3, true],
      ],
    )
  }
  assert.ok(compared > 0, 'something was compared')
  assert.ok(
    engine.frames('door').every(({ seq }, index, all) => index === 0 || seq > (all[index - 1]?.seq ?? 0)),
    'in order',
  )
})

test('a slow detector leaves no frame on show without boxes of its own moment', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings, 'null:300')
  const ring = rings.create('door', { slotCount: 64 })
  const writer = rings.writer(ring)
  engine.attach(rings, 'door')
  using _camera = camera(writer, 25)
  await eventually(() => engine.frames('door').length >= 5, { what: 'five inferences' })
  const head = ring.resultHead
  const predicted = Array.from({ length: 20 }, (_, index) => ring.readResults(head - index)).filter((results) => results?.predicted)
  assert.ok(predicted.length >= 10, `${predicted.length} of 20 are predicted`)
  assert.ok(
    predicted.some((results) => results?.detections.length === 3),
    'with everybody in them',
  )
  assert.ok(
    engine.frames('door').every((report) => !report.predicted),
    'predictions are not reported',
  )
  assert.ok(engine.frames('door').length < head / 3, 'far fewer inferences than frames')
})

test('goes on when the writer is killed and another one comes', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings)
  rings.create('door', { slotCount: 32 })
  engine.attach(rings, 'door')
  const entry = fileURLToPath(new URL('./writer-child.js', import.meta.url))
  for (const generation of [1, 2, 3]) {
    const writer = fork(entry, [rings.pathOf('door'), rings.doorbellsPath], { execArgv: [] })
    try {
      await eventually(() => engine.frames('door').filter((frame) => frame.generation === generation).length >= 5, {
        what: `frames of writer ${generation}`,
      })
    } finally {
      writer.kill('SIGKILL')
      await once(writer, 'exit')
    }
  }
  const ids = [1, 2, 3].map(
    (generation) =>
      new Set(
        engine
          .frames('door')
          .filter((frame) => frame.generation === generation)
          .flatMap(({ tracks }) => tracks.map(({ id }) => id)),
      ),
  )
  assert.equal(
    ids.map((set) => [...set]),
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  )
})

test('a file: 500 frames, each once, in order, and then the end', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings, 'null:2')
  const ring = rings.create('clip', { mode: 'lossless', slotCount: 20 })
  const writer = rings.writer(ring)
  engine.attach(rings, 'clip')
  for (let index = 0; index < 500; index++)
    await eventually(() => ring.head - ring.released < 20 && writeFrame(writer, index), { what: 'there is room', everyMs: 1 })
  await eventually(() => writer.endOfStream(), { what: 'there is room for the end' })
  assert.equal(await engine.said('ended'), { type: 'ended', stream: 'clip', seq: 501 })
  assert.equal(
    engine.frames('clip').map(({ seq }) => seq),
    Array.from({ length: 500 }, (_, index) => index + 1),
  )
  assert.is(ring.released, 501)
  assert.is(ring.resultsLost, 0)
})

test('does not grow with the number of frames', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings, 'null:0')
  const ring = rings.create('clip', { mode: 'lossless', slotCount: 64 })
  const writer = rings.writer(ring)
  engine.attach(rings, 'clip')
  const sizeAfter = async (frames: number) => {
    while (ring.head < frames) {
      await eventually(() => ring.head - ring.released < 64, { what: 'there is room', everyMs: 1 })
      while (ring.head < frames && ring.head - ring.released < 64) writeFrame(writer, ring.head)
    }
    await eventually(() => ring.released === frames, { what: 'all frames are released' })
    return anonymousMb(engine.process.pid ?? 0)
  }
  const before = await sizeAfter(2_000)
  const grownMb = (await sizeAfter(12_000)) - before
  assert.ok(grownMb < 8, `${grownMb} MB`)
})

test('two cameras share a detector that is too slow for both', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings, 'null:40')
  const cameras = ['door', 'hall'].map((stream) => {
    const writer = rings.writer(rings.create(stream, { slotCount: 32 }))
    engine.attach(rings, stream)
    return camera(writer, 50)
  })
  try {
    await eventually(() => engine.frames('door').length + engine.frames('hall').length >= 40, { what: 'forty results' })
  } finally {
    for (const one of cameras) one[Symbol.dispose]()
  }
  const [one, two] = [engine.frames('door').length, engine.frames('hall').length]
  assert.ok(Math.abs(one - two) <= 5, `${one} and ${two}`)
})

test('a stream may go and come back; one without a ring harms nobody', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings)
  const writer = rings.writer(rings.create('door', { slotCount: 32 }))
  engine.attach(rings, 'nowhere')
  engine.attach(rings, 'door')
  using _camera = camera(writer, 50)
  await eventually(() => engine.frames('door').length >= 3, { what: 'results' })
  engine.send({ type: 'detach', stream: 'door' })
  engine.send({ type: 'detach', stream: 'stranger' })
  await eventually(
    async () => {
      const before = engine.frames('door').length
      await new Promise((resolve) => setTimeout(resolve, 300))
      return engine.frames('door').length === before
    },
    { what: 'no more results' },
  )
  const before = engine.frames('door').length
  engine.attach(rings, 'door')
  await eventually(() => engine.frames('door').length >= before + 3, { what: 'results again' })
  assert.equal(
    (await engine.said('stats')).streams.map(({ stream }) => stream),
    ['door'],
  )
})

test('says which ring it cannot use, keeps nothing of it, and takes it when it is well', async () => {
  using rings = new RingsForTest()
  await using engine = await EngineChild.start(rings)
  writeFileSync(rings.pathOf('door'), 'no ring at all')
  engine.attach(rings, 'door')
  const { stream, fault } = await engine.said('ringLost')
  assert.is(stream, 'door')
  assert.is(fault.code, 'RING_FAILED')
  assert.match(fault.message, /"door"/)
  assert.ok(fault.remedy.length > 0)
  rmSync(rings.pathOf('door'))
  const writer = rings.writer(rings.create('door', { slotCount: 32 }))
  engine.attach(rings, 'door')
  using _camera = camera(writer, 50)
  await eventually(() => engine.frames('door').length >= 3, { what: 'results' })
  assert.is(engine.reports.filter(({ type }) => type === 'ringLost').length, 1)
})

test('garbage for an order is ignored, and the streams go on', async () => {
  using rings = new RingsForTest()
  await using engine = new EngineChild()
  for (const garbage of [{}, { type: 'dance' }, [1, 2], 'stop?', { type: 'attach', stream: 7 }, { type: 'start', detector: null }])
    engine.send(garbage)
  const writer = rings.writer(rings.create('door', { slotCount: 32 }))
  // Before the detector is open, and twice: orders may come in any order.
  engine.attach(rings, 'door')
  engine.send(startOrder(rings.doorbellsPath, 'null:5'))
  engine.send(startOrder(rings.doorbellsPath, 'null:5'))
  using _camera = camera(writer, 50)
  await eventually(() => engine.frames('door').length >= 3, { what: 'results' })
  assert.is(engine.reports.filter(({ type }) => type === 'ready').length, 1)
})

test('says why it cannot start, and ends', async () => {
  using rings = new RingsForTest()
  await using engine = new EngineChild({ HAILORT_LIB: '/nowhere/libhailort.so' })
  engine.send(startOrder(rings.doorbellsPath, 'hailo'))
  const { fault } = await engine.said('failed')
  assert.is(fault.code, 'BACKEND_UNAVAILABLE')
  assert.ok(fault.remedy.length > 0)
  await endsWithin(engine, 10_000)
  assert.is(await engine.exited(), 1)
})

test('ends within a second when told to, even in the middle of an inference', async () => {
  for (const tell of [
    (engine: EngineChild) => engine.send({ type: 'stop' }),
    (engine: EngineChild) => engine.process.kill('SIGTERM'),
    (engine: EngineChild) => engine.process.disconnect(),
  ]) {
    using rings = new RingsForTest()
    await using engine = await EngineChild.start(rings, 'null:200')
    const writer = rings.writer(rings.create('door', { slotCount: 32 }))
    engine.attach(rings, 'door')
    using _camera = camera(writer, 50)
    await eventually(() => engine.frames('door').length >= 1, { what: 'a result' })
    tell(engine)
    // One second is promised; the machine may be loaded.
    await endsWithin(engine, 10_000)
  }
})

test('does not outlive an agent that is killed', async () => {
  using rings = new RingsForTest()
  const agent = spawn(process.execPath, [fileURLToPath(new URL('./doomed-agent.js', import.meta.url)), rings.doorbellsPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(agent.stdout, 'data')) as [Buffer]
  const engine = `/proc/${String(line).trim()}`
  assert.ok(existsSync(engine))
  // Frozen, it cannot see that the channel is closed: the kernel alone must end it.
  process.kill(Number(String(line).trim()), 'SIGSTOP')
  agent.kill('SIGKILL')
  await eventually(() => !existsSync(engine) || readFileSync(`${engine}/stat`, 'utf8').includes(') Z '), {
    what: 'the engine is gone',
  })
})

test.run()
