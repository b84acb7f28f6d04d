import type { Config } from '../config/schema.ts'
import type { DetectorOrder } from '../engine/messages.ts'
import { type DetectorsHere, detectorOrder, orderFor } from './detector-order.ts'

/**
 * What stands in for the NPU while it is down: an ONNX model if one lies in the models folder, else HOG. null: nothing is wanted, or no NPU
 * is what detects. Throws what `detectorOrder` throws.
 */
export function fallbackOrder(config: Config, here: DetectorsHere): DetectorOrder | null {
  if (config.detector.fallback !== 'cpu' || detectorOrder(config, here).backend !== 'hailo') return null
  // detector.model names a file for the NPU.
  const onCpu: Config = { ...config, detector: { ...config.detector, model: 'auto' } }
  return { ...orderFor(here.onnxModels.length > 0 ? 'onnx' : 'hog', onCpu, here), cpuFallback: true }
}
