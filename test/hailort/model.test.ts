import { readFile, writeFile } from 'node:fs/promises'
import type { ConfigureOptions, InputFrame } from 'hailort-node/hailort'
import { VDevice } from 'hailort-node/hailort'
import type { ScriptedBox, SimulatedNetwork, SimulatedOutput } from 'hailort-node/simulated-hef'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { temporaryRing } from '../ring/temporary-ring.ts'
import { codeOf, colour, NMS, openModel, SIDE } from './opened-model.ts'
import { simulatedHere } from './simulator.ts'

const npu = await simulatedHere()

const script = (...boxes: ScriptedBox[]): SimulatedNetwork['detector'] => ({ kind: 'script', frames: [boxes] })

const narrow: SimulatedOutput = {
  name: 'net/narrow',
  shape: { height: 2, width: 3, features: 4 },
  type: 'uint8',
  quant: { zeroPoint: 10, scale: 0.5 },
}
const wide: SimulatedOutput = { ...narrow, name: 'net/a_wide', type: 'uint16', quant: { zeroPoint: 3, scale: 0.25 } }

/** Scores and classes of one frame. */
async function found(network: Partial<SimulatedNetwork>, options: Partial<ConfigureOptions>): Promise<number[][]> {
  await using opened = await openModel(npu, network, options)
  const [answer] = await opened.model.infer([colour(0)])
  const values = [...(answer?.detections ?? [])]
  return Array.from({ length: values.length / 6 }, (_, index) =>
    values.slice(6 * index + 4, 6 * index + 6).map((value) => +value.toFixed(4)),
  )
}

const test = suite('model')

test('says how its input and outputs are named and shaped', async () => {
  await using opened = await openModel(npu, { outputs: [NMS, narrow] })
  const { input, outputs } = opened.model
  const shape = { height: SIDE, width: SIDE, features: 3 }
  assert.equal(input, { name: 'net/input', format: 'uint8', frameBytes: SIDE * SIDE * 3, shape, nms: null })
  assert.equal(
    [...outputs].sort((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: 'net/narrow', format: 'uint8', frameBytes: 24, shape: { height: 2, width: 3, features: 4 }, nms: null },
      { name: 'net/nms', format: 'float32', frameBytes: 160_320, shape: null, nms: { classes: 80, maxBoxesPerClass: 100 } },
    ],
  )
})

test('outputs are told apart by name, however the HEF and the library order them', async () => {
  for (const outputs of [
    [NMS, narrow, wide],
    [wide, narrow, NMS],
    [narrow, NMS, wide],
  ]) {
    await using opened = await openModel(npu, { outputs, detector: script([0.25, 0.25, 0.5, 0.75, 0.5, 7]) })
    const [answer] = await opened.model.infer([colour(0)])
    assert.equal([...(answer?.detections ?? [])], [0.25, 0.25, 0.5, 0.75, 0.5, 7])
    assert.equal(Object.keys(answer?.tensors ?? {}).sort(), ['net/a_wide', 'net/narrow'])
    assert.is(answer?.tensors['net/narrow']?.[0], 0.5 * (0 - 10))
    assert.is(answer?.tensors['net/a_wide']?.[0], 0.25 * (0 - 3))
  }
})

test('tensors come dequantised, one of each frame', async () => {
  await using opened = await openModel(npu, { outputs: [narrow, wide] })
  const answers = await opened.model.infer([colour(0), colour(200), colour(250)])
  answers.forEach((answer, index) => {
    const red = [0, 200, 250][index] ?? 0
    const values = Array.from({ length: 24 }, (_, at) => (at + red) % 251)
    assert.equal(
      [...(answer?.tensors['net/narrow'] ?? [])],
      values.map((value) => 0.5 * (value - 10)),
    )
    assert.equal(
      [...(answer?.tensors['net/a_wide'] ?? [])],
      values.map((value) => 0.25 * (value - 3)),
    )
    assert.is(answer?.detections.length, 0)
  })
})

test('thresholds and classes give the same result wherever NMS runs', async () => {
  const boxes: ScriptedBox[] = [
    [0.1, 0.1, 0.5, 0.5, 0.8, 0],
    [0.1, 0.1, 0.5, 0.52, 0.9, 0],
    [0.1, 0.1, 0.5, 0.51, 0.7, 1],
    [0.6, 0.6, 0.8, 0.9, 0.3, 0],
    [0.6, 0.1, 0.8, 0.4, 0.2, 0],
  ]
  for (const onCpu of [true, false]) {
    const network = { outputs: [{ name: 'net/nms', nms: { classes: 80, maxPerClass: 100, onCpu } }], detector: script(...boxes) }
    const rest = [
      [0.9, 0],
      [0.7, 1],
      [0.3, 0],
    ]
    assert.equal(await found(network, { scoreThreshold: 0.3, iouThreshold: 0.45 }), rest, `NMS on the CPU: ${onCpu}`)
    assert.equal(await found(network, { scoreThreshold: 0.3, iouThreshold: 0.45, classes: [1] }), [[0.7, 1]])
    assert.equal(await found(network, { classes: [] }), [])
  }
})

test('a model that does not take one RGB picture, or has two NMS outputs, is refused with what was found', async () => {
  const second = { ...NMS, name: 'net/nms2' }
  assert.is(await codeOf(openModel(npu, { outputs: [NMS, second] })), 'MODEL_UNSUPPORTED')
  await using opened = await openModel(npu)
  assert.is((await opened.model.infer([colour(1)])).length, 1)
})

test('a HEF that is missing, damaged or for another chip is refused, and the device stays usable', async () => {
  await using vdevice = await VDevice.open()
  const good = await npu.hef('good')
  const bytes = await readFile(good)
  const cut = `${good}.cut.hef`
  await writeFile(cut, bytes.subarray(0, bytes.length - 9))
  const other = await npu.hef('other', { chip: 'hailo8' })
  for (const path of [cut, other, '/nowhere/none.hef', '/', '']) {
    assert.instance(await vdevice.configure(path, { batchSize: 1 }).catch((error: unknown) => error), Error, path)
  }
  const model = await vdevice.configure(good, { batchSize: 1 })
  assert.is((await model.infer([new Uint8Array(model.input.frameBytes)])).length, 1)
})

test('options that cannot be are refused before the chip is asked', async () => {
  const wrong: Record<string, unknown>[] = [
    ...[0, 17, 1.5, -1, '2', Number.NaN].map((batchSize) => ({ batchSize })),
    ...[0, -1, 65, 0.5].map((queueSize) => ({ queueSize })),
    ...[0, -1, 600_001, Number.POSITIVE_INFINITY].map((timeoutMs) => ({ timeoutMs })),
    ...[-0.1, 1.1, Number.NaN, '0.3'].map((scoreThreshold) => ({ scoreThreshold })),
    ...[-0.1, 2].map((iouThreshold) => ({ iouThreshold })),
    ...[[-1], [0.5], ['0'], [65_536], 0].map((classes) => ({ classes })),
    { powerMode: 'fast' },
  ]
  await using vdevice = await VDevice.open()
  const hef = await npu.hef('options')
  for (const options of wrong) {
    const error: unknown = await vdevice.configure(hef, { batchSize: 1, ...options }).catch((caught: unknown) => caught)
    assert.ok(error instanceof TypeError || error instanceof RangeError, JSON.stringify(options))
  }
})

test('frames that cannot be are refused, and those of other calls are answered', async () => {
  await using opened = await openModel(npu)
  using ring = temporaryRing()
  const closed = temporaryRing()
  const { handle } = closed.ring
  closed[Symbol.dispose]()
  const wrong = [
    null,
    undefined,
    1,
    'frame',
    {},
    new Uint8Array(0),
    new Uint8Array(SIDE * SIDE * 3 + 1),
    new Float32Array(SIDE * SIDE * 3),
    { ring: ring.ring, seq: 1 },
    { ring: ring.ring.handle, seq: -1 },
    { ring: ring.ring.handle, seq: '1' },
    { ring: handle, seq: 1 },
  ]
  for (const frame of wrong) {
    const before = opened.model.infer([colour(9)])
    assert.instance(await opened.model.infer([colour(1), frame as unknown as InputFrame]).catch((error: unknown) => error), Error)
    assert.is((await before).length, 1)
  }
  assert.instance(await opened.model.infer('frames' as unknown as InputFrame[]).catch((error: unknown) => error), TypeError)
  assert.equal(await opened.model.infer([]), [])
})

test('a getter of a frame that closes the model is met with CLOSED', async () => {
  await using opened = await openModel(npu)
  using ring = temporaryRing()
  const closing = {
    ring: ring.ring.handle,
    get seq() {
      void opened.model.close()
      return 1
    },
  }
  assert.is(await codeOf(opened.model.infer([closing, colour(1)])), 'CLOSED')
  assert.is(await codeOf(opened.model.infer([closing])), 'CLOSED')
})

test.run()
