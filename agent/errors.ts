/** One closed list, so that a dashboard, a test or a support call can name the fault without parsing prose. README.md has one line a code. */
export type AgentErrorCode =
  // configuration and command line
  | 'CONFIG_UNREADABLE'
  | 'CONFIG_INVALID'
  | 'USAGE'
  // this machine
  | 'RUNTIME_BUSY'
  | 'RUNTIME_UNUSABLE'
  | 'STATE_UNWRITABLE'
  | 'BUNDLE_UNWRITABLE'
  | 'HISTORY_UNWRITABLE'
  | 'HISTORY_CORRUPT'
  | 'RING_NO_SPACE'
  | 'RING_FAILED'
  | 'PORT_IN_USE'
  | 'PORT_REFUSED'
  // sources
  | 'SOURCE_INVALID'
  | 'SOURCE_MISSING'
  | 'SOURCE_UNREADABLE'
  | 'SOURCE_REFUSED'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_UNAUTHORIZED'
  | 'SOURCE_SILENT'
  | 'SOURCE_ENDED'
  | 'SOURCE_FAILED'
  | 'NO_CAMERA'
  | 'ELEMENT_MISSING'
  | 'CAPTURE_DIED'
  // detection
  | 'ENGINE_DIED'
  | 'ENGINE_SILENT'
  | 'INFERENCE_FAILED'
  | 'MODEL_MISSING'
  | 'MODEL_UNREADABLE'
  | 'MODEL_UNSUPPORTED'
  | 'BACKEND_UNAVAILABLE'
  // the NPU
  | 'NPU_MISSING'
  | 'NPU_BUSY'
  | 'NPU_DENIED'
  | 'NPU_DRIVER_MISMATCH'
  | 'NPU_TIMEOUT'
  | 'NPU_FAILED'
  // the truth of a clip
  | 'TRUTH_UNREADABLE'
  | 'TRUTH_INVALID'
  // the broker
  | 'BROKER_UNREACHABLE'
  | 'BROKER_REFUSED'
  | 'BROKER_MISSING'
  // HTTP
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_REQUEST'
  | 'CONFLICT'
  | 'TOO_MANY_VIEWERS'
  | 'TOO_LARGE'
  | 'TOO_MANY_ATTEMPTS'
  | 'UNSUPPORTED_TYPE'
  | 'INTERNAL'
  | 'VIDEO_OFF'
  | 'NO_PICTURE'
  | 'DOCTOR_SILENT'

interface Details {
  /** What the person in front of the device should do next: an imperative sentence. */
  readonly remedy: string
  readonly cause?: unknown
}

/** Every failure we foresee. A failure we did not foresee stays a plain Error and ends the process it is in. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: AgentErrorCode
  /** What happened, with the value, without remedy and code. */
  readonly what: string
  readonly remedy: string

  constructor(code: AgentErrorCode, what: string, { remedy, cause }: Details) {
    super(`${what} ${remedy} [${code}]`, { cause })
    this.code = code
    this.what = what
    this.remedy = remedy
  }
}

/** A foreseen failure as plain data: crosses IPC, HTTP and MQTT. */
export interface Fault {
  readonly code: AgentErrorCode
  readonly message: string
  readonly remedy: string
}

/** The plain form of an AgentError. */
export function toFault({ code, what, remedy }: AgentError): Fault {
  return { code, message: what, remedy }
}
