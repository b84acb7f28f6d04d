import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DetectorOrder, EngineReport } from '../../agent/engine/messages.ts'
import { eventually } from '../support/eventually.ts'
import { SimulatedNpu, type SimulatorControl, STANDING } from '../support/simulated-npu.ts'
import { EngineChild, startOrder } from './engine-child.ts'
import { RingsForTest, writeFrame } from './rings-for-test.ts'

/** An engine on a simulated NPU, with one stream that gets frames all the time. */
class NpuEngine implements AsyncDisposable {
  readonly npu: SimulatedNpu
  readonly rings: RingsForTest
  readonly engine: EngineChild
  readonly #frames: NodeJS.Timeout

  private constructor(npu: SimulatedNpu, rings: RingsForTest, engine: EngineChild) {
    this.npu = npu
    this.rings = rings
    this.engine = engine
    const writer = rings.writer(rings.create('door'))
    let index = 0
    this.#frames = setInterval(() => writeFrame(writer, index++), 20)
  }

  static async start(control: SimulatorControl = {}, detector: Partial<DetectorOrder> = {}): Promise<NpuEngine> {
    const npu = await SimulatedNpu.make(control)
    const model = await npu.hef('people')
    const rings = new RingsForTest()
    const engine = new EngineChild(npu.env)
    engine.send(startOrder(rings.doorbellsPath, 'hailo', { model, ...detector }))
    const started = new NpuEngine(npu, rings, engine)
    engine.attach(rings, 'door')
    return started
  }

  count(type: EngineReport['type']): number {
    return this.engine.reports.filter((report) => report.type === type).length
  }

  /** Waits until frames with people come after `reports` reports. */
  async seesPeople(after = 0): Promise<void> {
    await eventually(
      () =>
        this.engine.reports
          .slice(after)
          .some((report) => report.type === 'results' && report.frames.some(({ tracks }) => tracks.length > 0)),
      {
        what: 'people are found',
        withinMs: 60_000,
        log: () => JSON.stringify(this.engine.reports.filter(({ type }) => type !== 'results')),
      },
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#frames)
    await this.engine[Symbol.asyncDispose]()
    this.rings[Symbol.dispose]()
    await this.npu[Symbol.asyncDispose]()
  }
}

/** How an engine says that it cannot begin. */
async function refusal(control: SimulatorControl, detector: Partial<DetectorOrder> = {}, env: NodeJS.ProcessEnv = {}): Promise<string> {
  await using npu = await SimulatedNpu.make(control)
  using rings = new RingsForTest()
  await using engine = new EngineChild({ ...npu.env, ...env })
  engine.send(startOrder(rings.doorbellsPath, 'hailo', { model: await npu.hef('people'), ...detector }))
  const { fault } = await engine.said('failed')
  assert.ok(fault.remedy.length > 10, fault.remedy)
  assert.is(await engine.exited(), 1)
  return fault.code
}

const test = suite('engine on a simulated Hailo NPU')

test('gives exactly the boxes that the chip gave, in the picture and not in its letterbox', async () => {
  await using door = await NpuEngine.start()
  await door.seesPeople()
  const frame = await eventually(
    () => door.engine.frames('door').find(({ tracks }) => tracks.length === STANDING.length && tracks.every(({ confirmed }) => confirmed)),
    {
      what: 'all three are followed',
    },
  )
  // 64×48 in 640×640: the picture is 640×480, with 80 rows of grey above and below.
  const inPicture = (y: number) => (y * 640 - 80) / 480
  const expected = STANDING.map(([x1, y1, x2, y2, score]) => ({ x1, y1: inPicture(y1), x2, y2: inPicture(y2), score }))
  const found = [...frame.tracks].sort((a, b) => a.x1 - b.x1)
  expected.forEach((box, index) => {
    for (const key of ['x1', 'y1', 'x2', 'y2', 'score'] as const) {
      assert.ok(
        Math.abs((found[index]?.[key] ?? Number.NaN) - box[key]) < 1e-6,
        `${key} of ${JSON.stringify(found[index])}, wanted ${box[key]}`,
      )
    }
  })
})

test('says which NPU it has, that it is simulated, and what it does', async () => {
  await using door = await NpuEngine.start({ devices: [{ id: '0001:02:00.0', chip: 'hailo8' }] })
  const ready = await door.engine.said('ready')
  assert.is(ready.simulated, true)
  assert.is(ready.backend, 'hailo')
  assert.is(ready.npu?.chip, 'Hailo-8')
  assert.is(ready.npu?.deviceId, '0001:02:00.0')
  await eventually(
    () =>
      door.engine.reports.some(
        (report) => report.type === 'stats' && (report.npu?.utilisation ?? 0) > 0 && report.npu?.temperatureC !== null,
      ),
    {
      what: 'the NPU is seen at work',
    },
  )
})

test('picks the model for the chip beside the library', async () => {
  await using npu = await SimulatedNpu.make({
    devices: [{ id: '0000:01:00.0', chip: 'hailo8' }],
    detector: { kind: 'script', frames: [STANDING] },
  })
  using rings = new RingsForTest()
  await using engine = new EngineChild(npu.env)
  const library = npu.env['HAILORT_LIB'] ?? ''
  engine.send(startOrder(rings.doorbellsPath, 'hailo', { hefFolders: [dirname(library)] }))
  assert.is((await engine.said('ready')).npu?.model, join(dirname(library), 'yolov8s_h8.hef'))
})

test('opens a device again that did not answer in time, and goes on numbering people', async () => {
  await using door = await NpuEngine.start()
  await door.seesPeople()
  // A device that fails within seconds of its start is not opened again.
  await new Promise((resolve) => setTimeout(resolve, 10_500))
  const lastId = Math.max(...door.engine.frames('door').flatMap(({ tracks }) => tracks.map(({ id }) => id)))
  await door.npu.fault({ fault: 'timeout', times: 1 })
  const { fault } = await door.engine.said('recovering')
  assert.is(fault.code, 'NPU_TIMEOUT')
  await eventually(() => door.count('ready') === 2, { what: 'it is ready again', withinMs: 20_000 })
  const ready = door.engine.reports.findLastIndex(({ type }) => type === 'ready')
  await door.seesPeople(ready)
  const ids = door.engine.reports
    .slice(ready)
    .flatMap((report) => (report.type === 'results' ? report.frames : []))
    .flatMap(({ tracks }) => tracks.map(({ id }) => id))
  assert.ok(ids.length > 0 && ids.every((id) => id > lastId), `${ids.join()} after ${lastId}`)
  assert.is(door.count('failed'), 0)
})

test('gives up when the device hangs: the process ends and says why', async () => {
  await using door = await NpuEngine.start()
  await door.seesPeople()
  await door.npu.fault({ fault: 'stall', seconds: 60 })
  const { fault } = await door.engine.said('failed')
  assert.is(fault.code, 'NPU_TIMEOUT', fault.message)
  assert.is(await door.engine.exited(), 1)
})

test('never takes an answer that cannot be for "nobody"', async () => {
  await using door = await NpuEngine.start()
  await door.seesPeople()
  await door.npu.fault({ fault: 'corrupt', seconds: 60 })
  assert.is((await door.engine.said('failed')).fault.code, 'NPU_FAILED')
  const counts = door.engine.frames('door').map(({ tracks }) => tracks.length)
  assert.ok(
    counts.every((count) => count === STANDING.length),
    counts.join(),
  )
})

test('says what is wrong with a device that cannot be used', async () => {
  assert.is(await refusal({ devices: [] }), 'NPU_MISSING')
  assert.is(await refusal({ fault: 'lost' }), 'NPU_DENIED')
  assert.is(await refusal({ fault: 'version-mismatch' }), 'NPU_DRIVER_MISMATCH')
  assert.is(await refusal({ fault: 'wrong-arch' }), 'MODEL_UNSUPPORTED')
  assert.is(await refusal({}, { devices: ['0009:01:00.0'] }), 'NPU_MISSING')
  assert.is(await refusal({ fault: 'timeout', always: true }), 'NPU_TIMEOUT')
})

test('says what is wrong with a library or a model that cannot be used', async () => {
  assert.is(await refusal({}, {}, { HAILORT_LIB: '/nowhere/libhailort.so' }), 'BACKEND_UNAVAILABLE')
  assert.is(await refusal({ version: '5.2.0' }), 'BACKEND_UNAVAILABLE')
  assert.is(await refusal({}, { model: '/nowhere/yolov8s_h8l.hef' }), 'MODEL_MISSING')
  assert.is(await refusal({}, { model: fileURLToPath(import.meta.url) }), 'MODEL_UNREADABLE')
  assert.is(await refusal({}, { model: null, hefFolders: ['/nowhere'] }), 'MODEL_MISSING')
})

test('says that another program has the device, until that one is gone', async () => {
  await using npu = await SimulatedNpu.make()
  const model = await npu.hef('people')
  using rings = new RingsForTest()
  await using first = new EngineChild(npu.env)
  first.send(startOrder(rings.doorbellsPath, 'hailo', { model }))
  await first.said('ready')
  {
    await using second = new EngineChild(npu.env)
    second.send(startOrder(rings.doorbellsPath, 'hailo', { model }))
    assert.is((await second.said('failed')).fault.code, 'NPU_BUSY')
  }
  first.process.kill('SIGKILL')
  await first.exited()
  await using third = new EngineChild(npu.env)
  third.send(startOrder(rings.doorbellsPath, 'hailo', { model }))
  await third.said('ready')
})

test('ends within its limit while the device hangs', async () => {
  await using door = await NpuEngine.start()
  await door.seesPeople()
  await door.npu.fault({ fault: 'stall', seconds: 60 })
  door.engine.process.kill('SIGTERM')
  assert.ok(['SIGKILL', 0, 1].includes((await door.engine.exited()) ?? ''))
})

test.run()
