import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AgentError, type AgentErrorCode, type Fault, toFault } from '../errors.ts'

const STATUS: Partial<Record<AgentErrorCode, ContentfulStatusCode>> = {
  BAD_REQUEST: 400,
  USAGE: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  VIDEO_OFF: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RUNTIME_BUSY: 409,
  TOO_LARGE: 413,
  UNSUPPORTED_TYPE: 415,
  CONFIG_INVALID: 422,
  CONFIG_UNREADABLE: 422,
  NO_CAMERA: 422,
  ELEMENT_MISSING: 422,
  TOO_MANY_ATTEMPTS: 429,
  TOO_MANY_VIEWERS: 503,
  NO_PICTURE: 503,
  CAPTURE_DIED: 503,
  ENGINE_DIED: 503,
  ENGINE_SILENT: 503,
  BACKEND_UNAVAILABLE: 503,
  RING_NO_SPACE: 503,
  HISTORY_UNWRITABLE: 503,
  HISTORY_CORRUPT: 503,
  DOCTOR_SILENT: 503,
}

/** The client has left and nobody reads the answer; there is no official number for it. */
const CLIENT_LEFT = 499

/** Seconds after which asking again makes sense. */
const RETRY_AFTER: Partial<Record<AgentErrorCode, number>> = { TOO_MANY_ATTEMPTS: 60, TOO_MANY_VIEWERS: 10, NO_PICTURE: 2 }

/** The HTTP status of a foreseen failure: the one place where codes become numbers. */
export function statusOf(code: AgentErrorCode): ContentfulStatusCode {
  return STATUS[code] ?? (code.startsWith('SOURCE_') ? 422 : code.startsWith('MODEL_') ? 503 : 500)
}

/** Answers a failure as `{code, message, remedy}`. What was not foreseen is reported to `onBug`; the caller learns no more than that. */
export function errorResponse(c: Context, error: unknown, onBug: (error: unknown) => void): Response {
  if ((c.req.raw.signal.aborted && isAbort(error)) || isCutOff(error)) return new Response(null, { status: CLIENT_LEFT })
  if (error instanceof HTTPException) return c.json(faultOf(error), error.status)
  if (!(error instanceof AgentError)) {
    onBug(error)
    const bug: Fault = { code: 'INTERNAL', message: 'headcount failed on this request.', remedy: 'Look at the log of the agent.' }
    return c.json(bug, 500)
  }
  const retryAfter = RETRY_AFTER[error.code]
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter))
  return c.json(toFault(error), statusOf(error.code))
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** The client went in the middle of its body; Node says so before the request's signal does. */
function isCutOff(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
}

// Hono itself refuses a few requests (a path that does not decode, say).
function faultOf(error: HTTPException): Fault {
  return { code: 'BAD_REQUEST', message: error.message || 'The request cannot be read.', remedy: 'Correct the request.' }
}
