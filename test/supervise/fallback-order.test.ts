import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configSchema } from '../../agent/config/schema.ts'
import { fallbackOrder } from '../../agent/supervise/fallback-order.ts'

const test = suite('fallback order')

const NPU = { npu: true, hefFolders: ['/usr/share/hailo-models'], onnxModels: [] }

function order(detector: object, here: Partial<typeof NPU> | { onnxModels: readonly string[] } = {}) {
  return fallbackOrder(configSchema.parse({ detector }), { ...NPU, ...here })
}

test('is none unless it is wanted', () => {
  assert.is(order({}), null)
  assert.is(order({ fallback: 'none', backend: 'hailo' }), null)
})

test('is none where no NPU detects', () => {
  assert.is(order({ fallback: 'cpu' }, { npu: false }), null)
  assert.is(order({ fallback: 'cpu', backend: 'hog' }), null)
})

test('is an ONNX model of the models folder, else hog, and says what it is', () => {
  const onnx = order({ fallback: 'cpu' }, { onnxModels: ['/models/a.onnx', '/models/b.onnx'] })
  assert.equal([onnx?.backend, onnx?.model, onnx?.cpuFallback], ['onnx', '/models/a.onnx', true])
  const hog = order({ fallback: 'cpu', backend: 'hailo' }, { npu: false })
  assert.equal([hog?.backend, hog?.model, hog?.cpuFallback], ['hog', null, true])
})

test('does not take the file of the NPU for its own', () => {
  const onnx = order({ fallback: 'cpu', backend: 'hailo', model: '/models/yolov8n.hef' }, { onnxModels: ['/models/a.onnx'] })
  assert.is(onnx?.model, '/models/a.onnx')
  assert.is(order({ fallback: 'cpu', model: '/models/yolov8n.hef' })?.backend, 'hog')
})

test('has the thresholds and the tracking of the configuration', () => {
  const hog = order({ fallback: 'cpu', scoreThreshold: 0.6, batchSize: 3, hog: { stride: 16 } })
  assert.equal([hog?.scoreThreshold, hog?.batchSize, hog?.hog.stride, hog?.tracking.buffer], [0.6, 3, 16, 30])
})

test.run()
