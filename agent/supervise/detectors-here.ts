import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Environment } from '../config/places.ts'
import type { DetectorsHere } from './detector-order.ts'

/** Where Raspberry Pi's packages put the models of the Model Zoo. */
const SYSTEM_HEFS = '/usr/share/hailo-models'
/** The device node that a loaded driver makes. */
const NPU_NODE = /^hailo\d+$/

/** Looks what of a detector this machine has. HailoRT itself is not loaded: that is the engine's. */
export async function detectorsHere(env: Environment, devices = '/dev'): Promise<DetectorsHere> {
  const models = env['HEADCOUNT_MODELS']
  const library = env['HAILORT_LIB']
  const onnx = models ? (await namesIn(models)).filter((name) => name.endsWith('.onnx')) : []
  return {
    onnxModels: onnx.sort().map((name) => join(models ?? '', name)),
    npu: Boolean(library) || (await namesIn(devices)).some((name) => NPU_NODE.test(name)),
    hefFolders: library ? [dirname(library), SYSTEM_HEFS] : [SYSTEM_HEFS],
  }
}

/** A folder that is not there holds nothing, which is not a fault. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
