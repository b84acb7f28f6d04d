import type { Config } from '../config/schema.ts'
import type { Backend, DetectorOrder } from '../engine/messages.ts'
import { AgentError } from '../errors.ts'

/** What of a detector this machine has. */
export interface DetectorsHere {
  /** Paths of ONNX files in the models folder, sorted. */
  readonly onnxModels: readonly string[]
  /** There is an NPU with a driver, or somebody named a libhailort. */
  readonly npu: boolean
  /** Where HEFs are looked for, best first. */
  readonly hefFolders: readonly string[]
}

/** What the engine is told to load. `auto`: the NPU if there is one, else an ONNX model if one lies in the models folder, else HOG, whose weights are part of OpenCV. */
export function detectorOrder(config: Config, here: DetectorsHere): DetectorOrder {
  const { detector } = config
  const { backend: wanted, model } = detector
  return orderFor(wanted === 'auto' ? automatic(model, here) : wanted, config, here)
}

/** The order for one backend. Throws MODEL_MISSING. */
export function orderFor(backend: Backend, { detector, tracking }: Config, { onnxModels, hefFolders }: DetectorsHere): DetectorOrder {
  const { model, scoreThreshold, iouThreshold, batchSize, maxBatch, hog } = detector
  const named = model === 'auto' ? (backend === 'onnx' ? (onnxModels[0] ?? null) : null) : model
  if (backend === 'onnx' && named === null) {
    throw new AgentError('MODEL_MISSING', 'detector.backend is "onnx", but no model is named and none lies in the models folder.', {
      remedy: 'Set detector.model to a YOLOX or YOLOv8 .onnx file, or put one into the folder of HEADCOUNT_MODELS.',
    })
  }
  return {
    backend,
    model: backend === 'onnx' || backend === 'hailo' ? named : null,
    hefFolders,
    devices: detector.devices,
    cpuFallback: false,
    scoreThreshold,
    iouThreshold,
    batchSize,
    maxBatch: Math.max(batchSize, maxBatch),
    hog,
    tracking,
  }
}

function automatic(model: string, { onnxModels, npu }: DetectorsHere): Backend {
  if (model !== 'auto') return model.endsWith('.hef') ? 'hailo' : 'onnx'
  if (npu) return 'hailo'
  return onnxModels.length > 0 ? 'onnx' : 'hog'
}
