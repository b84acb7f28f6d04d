import { HailoError } from 'hailort-node/hailort-status'
import { HefError, type HefErrorCode } from 'hailort-node/hef'
import { AgentError, type AgentErrorCode } from '../../errors.ts'

/** What HailoRT's words mean for the person at the device. Statuses that are not here are NPU_FAILED. */
const CODES: Readonly<Record<number, AgentErrorCode>> = {
  4: 'NPU_TIMEOUT',
  13: 'MODEL_MISSING',
  26: 'MODEL_UNSUPPORTED',
  36: 'NPU_DENIED',
  64: 'BACKEND_UNAVAILABLE',
  73: 'NPU_BUSY',
  76: 'NPU_DRIVER_MISMATCH',
  87: 'NPU_TIMEOUT',
  91: 'MODEL_UNREADABLE',
  92: 'MODEL_UNSUPPORTED',
  93: 'MODEL_UNSUPPORTED',
}
const HEF_CODES: Readonly<Record<HefErrorCode, AgentErrorCode>> = {
  HEF_UNREADABLE: 'MODEL_MISSING',
  HEF_INVALID: 'MODEL_UNREADABLE',
  HEF_OTHER_CHIP: 'MODEL_UNSUPPORTED',
}
/** No free device: another program has it, or there is none. */
const NO_FREE_DEVICE = 74
/** Timeouts, and calls that were cut short. The binding tells its caller to open the device again: that is what the engine does. */
const BROUGHT_BACK: readonly string[] = [
  'HAILO_TIMEOUT',
  'HAILO_COMMUNICATION_CLOSED',
  'HAILO_STREAM_ABORT',
  'HAILO_DRIVER_TIMEOUT',
  'HAILO_DRIVER_INTERRUPTED',
  'HAILO_DRIVER_WAIT_CANCELED',
  'OUTPUT_CORRUPT',
  'CLOSED',
]
const BROUGHT_BACK_REMEDY =
  'headcount brings it back by itself; if it repeats, check cooling and power of the NPU, and run "headcount doctor".'

/** The fault of a failed call of the binding; `devices`: how many NPUs the machine has, where that is known. */
export function npuFault(error: unknown, devices?: number): unknown {
  if (error instanceof HefError) return new AgentError(HEF_CODES[error.code], error.what, { remedy: error.remedy, cause: error })
  if (!(error instanceof HailoError)) return error
  const remedy = isBroughtBack(error) ? BROUGHT_BACK_REMEDY : error.remedy
  return new AgentError(codeOf(error, devices), error.what, { remedy, cause: error })
}

function isBroughtBack({ code, call }: HailoError): boolean {
  // At configure it is something else: memory pages.
  return BROUGHT_BACK.includes(code) || (code === 'HAILO_INTERNAL_FAILURE' && call !== 'hailo_configure_vdevice')
}

function codeOf({ code, status }: HailoError, devices: number | undefined): AgentErrorCode {
  if (status === NO_FREE_DEVICE) return devices === 0 ? 'NPU_MISSING' : 'NPU_BUSY'
  if (status !== null) return CODES[status] ?? 'NPU_FAILED'
  if (code.startsWith('LIBRARY_')) return 'BACKEND_UNAVAILABLE'
  return code === 'MODEL_UNSUPPORTED' ? 'MODEL_UNSUPPORTED' : 'NPU_FAILED'
}
