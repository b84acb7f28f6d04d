import type { Config } from '../config/schema.ts'
import type { DetectorOrder } from '../engine/messages.ts'
import { AgentError } from '../errors.ts'

/** What of a detector this machine has. */
export interface DetectorsHere {
  /** Paths of ONNX files in the models folder, sorted. */
  readonly onnxModels: readonly string[]
}

/**
 * What the engine is told to load. `auto` takes an ONNX model if one lies in the models folder, else HOG, whose weights are
 * part of OpenCV. (An NPU goes before both: it is asked for here, once the `hailo` detector exists.)
 */
export function detectorOrder({ detector, tracking }: Config, { onnxModels }: DetectorsHere): DetectorOrder {
  const { backend: wanted, model, scoreThreshold, iouThreshold, batchSize, maxBatch, hog } = detector
  const named = model === 'auto' ? (onnxModels[0] ?? null) : model
  const backend = wanted === 'auto' ? (named === null ? 'hog' : 'onnx') : wanted
  if (backend === 'onnx' && named === null) {
    throw new AgentError('MODEL_MISSING', 'detector.backend is "onnx", but no model is named and none lies in the models folder.', {
      remedy: 'Set detector.model to a YOLOX or YOLOv8 .onnx file, or put one into the folder of HEADCOUNT_MODELS.',
    })
  }
  return {
    backend,
    model: backend === 'onnx' ? named : null,
    hefFolders: [],
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
