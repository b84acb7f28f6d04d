import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configSchema } from '../../agent/config/schema.ts'
import { AgentError } from '../../agent/errors.ts'
import { type DetectorsHere, detectorOrder } from '../../agent/supervise/detector-order.ts'
import { detectorsHere } from '../../agent/supervise/detectors-here.ts'

const nothing: DetectorsHere = { onnxModels: [], npu: false, hefFolders: ['/hefs'] }
const order = (detector: object, here: Partial<DetectorsHere> = {}) => {
  const { backend, model } = detectorOrder(configSchema.parse({ detector }), { ...nothing, ...here })
  return [backend, model]
}

const test = suite('detector order')

test('takes the NPU if there is one, else a model of the models folder, else HOG', () => {
  assert.equal(order({}), ['hog', null])
  assert.equal(order({}, { onnxModels: ['/models/a.onnx', '/models/b.onnx'] }), ['onnx', '/models/a.onnx'])
  assert.equal(order({}, { npu: true, onnxModels: ['/models/a.onnx'] }), ['hailo', null])
})

test('goes by the name of a model that is named', () => {
  assert.equal(order({ model: '/m/yolov8s_h8l.hef' }), ['hailo', '/m/yolov8s_h8l.hef'])
  assert.equal(order({ model: '/m/yolox.onnx' }, { npu: true }), ['onnx', '/m/yolox.onnx'])
})

test('takes the backend that is named, whatever the machine has', () => {
  assert.equal(order({ backend: 'hog' }, { npu: true, onnxModels: ['/models/a.onnx'] }), ['hog', null])
  assert.equal(order({ backend: 'hailo' }, { onnxModels: ['/models/a.onnx'] }), ['hailo', null])
  assert.throws(
    () => order({ backend: 'onnx' }, { npu: true }),
    (error: unknown) => error instanceof AgentError && error.code === 'MODEL_MISSING',
  )
})

test('refuses a model that the backend cannot load', () => {
  for (const detector of [
    { backend: 'hailo', model: '/m/a.onnx' },
    { backend: 'onnx', model: '/m/a.hef' },
  ]) {
    assert.is(configSchema.safeParse({ detector }).success, false)
  }
})

test('knows an NPU by its device node or by the library that is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-here-'))
  try {
    await writeFile(join(folder, 'hailort'), '')
    assert.is((await detectorsHere({}, folder)).npu, false)
    assert.is((await detectorsHere({}, join(folder, 'missing'))).npu, false)
    assert.equal(await detectorsHere({ HAILORT_LIB: '/opt/sim/libhailort.so' }, folder), {
      onnxModels: [],
      npu: true,
      hefFolders: ['/opt/sim', '/usr/share/hailo-models'],
    })
    await writeFile(join(folder, 'hailo0'), '')
    await mkdir(join(folder, 'models'))
    for (const name of ['b.onnx', 'a.onnx', 'notes.txt']) await writeFile(join(folder, 'models', name), '')
    const models = join(folder, 'models')
    assert.equal(await detectorsHere({ HEADCOUNT_MODELS: models }, folder), {
      onnxModels: [join(models, 'a.onnx'), join(models, 'b.onnx')],
      npu: true,
      hefFolders: ['/usr/share/hailo-models'],
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test.run()
