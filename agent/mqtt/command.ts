import { z } from 'zod'
import { isTooDeep, MOST_LEVELS } from '../config/nesting.ts'
import { maskSecrets } from '../config/secrets.ts'
import { AgentError, type Fault } from '../errors.ts'
import { MOST_INSIDE } from './topics.ts'

const LARGEST_BYTES = 16 * 1024

const requestId = z.union([z.string().max(128), z.number()]).nullish()
const streamId = z.string().max(64)
const lineId = z.string().max(64)
const areaId = z.string().max(64)

const commandSchema = z.discriminatedUnion('type', [
  // Other keys are those of a stream; the configuration's own schema checks them.
  z.looseObject({
    type: z.literal('START'),
    request_id: requestId,
    stream_id: streamId,
    source: z.string().optional(),
    rtsp: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('STOP'), request_id: requestId, stream_id: streamId }),
  z.strictObject({ type: z.literal('RESTART'), request_id: requestId, stream_id: streamId }),
  z.strictObject({ type: z.literal('SHUTDOWN'), request_id: requestId, stream_id: streamId.nullish() }),
  z
    .strictObject({ type: z.literal('RESET_TOTALS'), request_id: requestId, stream_id: streamId.nullish(), line: lineId.nullish() })
    // Somebody who forgot the stream would otherwise lose the totals of all.
    .refine(({ stream_id, line }) => line == null || stream_id != null, {
      path: ['stream_id'],
      message: 'is missing: a line is one of a stream',
    }),
  z.strictObject({ type: z.literal('SET_INSIDE'), request_id: requestId, area: areaId, value: z.int().min(0).max(MOST_INSIDE) }),
])

type Raw = z.output<typeof commandSchema>

/** What somebody wants, checked. */
export type Command =
  | { readonly type: 'START'; readonly stream: string; readonly changes: Readonly<Record<string, unknown>> }
  | { readonly type: 'STOP' | 'RESTART'; readonly stream: string }
  | { readonly type: 'SHUTDOWN' }
  /** No stream: of all; no line: of all lines. */
  | { readonly type: 'RESET_TOTALS'; readonly stream: string | null; readonly line: string | null }
  | { readonly type: 'SET_INSIDE'; readonly area: string; readonly value: number }

/** Whom an answer belongs to; as much of it as could be read. */
export interface Request {
  readonly request_id: string | number | null
  readonly type: string | null
  readonly stream_id: string | null
}

export type ParsedCommand = { readonly request: Request } & ({ readonly command: Command } | { readonly fault: Fault })

/** Reads a command from outside. Never throws: whatever came, there is somebody to answer. */
export function parseCommand(payload: Uint8Array, { allowLocalSources }: { allowLocalSources: boolean }): ParsedCommand {
  if (payload.byteLength > LARGEST_BYTES) return { request: nobody, fault: bad(`The command is larger than ${LARGEST_BYTES} bytes.`) }
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(payload))
  } catch (_) {
    return { request: nobody, fault: bad('The command is not JSON.') }
  }
  if (isTooDeep(json)) return { request: nobody, fault: bad(`The command is nested deeper than ${MOST_LEVELS} levels.`) }
  const request = requestOf(json)
  const result = commandSchema.safeParse(json)
  if (!result.success) return { request, fault: bad(`The command is not understood: ${problems(result.error)}.`) }
  const refusal = result.data.type === 'START' && !allowLocalSources ? localRefusal(result.data) : null
  return refusal ? { request, fault: refusal } : { request, command: commandOf(result.data) }
}

const nobody: Request = { request_id: null, type: null, stream_id: null }

/** What can be said of the asker, even of a command that is wrong. */
function requestOf(json: unknown): Request {
  const known = z.object({
    request_id: requestId.catch(null),
    type: z.string().max(32).nullable().catch(null),
    stream_id: streamId.nullable().catch(null),
  })
  const { data } = known.safeParse(json)
  return data ? { request_id: data.request_id ?? null, type: data.type, stream_id: data.stream_id } : nobody
}

function commandOf(raw: Raw): Command {
  if (raw.type === 'SHUTDOWN') return { type: 'SHUTDOWN' }
  if (raw.type === 'RESET_TOTALS') return { type: raw.type, stream: raw.stream_id ?? null, line: raw.line ?? null }
  if (raw.type === 'SET_INSIDE') return { type: raw.type, area: raw.area, value: raw.value }
  if (raw.type !== 'START') return { type: raw.type, stream: raw.stream_id }
  const { type, request_id: _request, stream_id: stream, source, rtsp, ...keys } = raw
  const from = source ?? rtsp
  return { type, stream, changes: { ...(from === undefined ? {} : { source: from }), ...keys } }
}

/** Whoever may write to the broker could otherwise read files of this machine, as a picture or as somebody's password. */
function localRefusal(raw: Raw & { type: 'START' }): Fault | null {
  const source = raw.source ?? raw.rtsp
  const local = source !== undefined && !/^(rtsps?:\/\/|libcamera(:|$)|test$)/i.test(source)
  if (!local && raw['passwordFile'] === undefined) return null
  return {
    code: 'FORBIDDEN',
    message: local ? 'START may name network cameras only.' : 'START may neither name a password file nor take one away.',
    remedy: 'Set mqtt.allowLocalSources to true on the device, or write the stream into its configuration.',
  }
}

function problems(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'command'}: ${message}`).join('; ')
}

function bad(message: string): Fault {
  return {
    code: 'BAD_REQUEST',
    message,
    remedy:
      'Send {"type": "START" | "STOP" | "RESTART" | "SHUTDOWN" | "RESET_TOTALS", "stream_id": "…", "request_id": "…"} or {"type": "SET_INSIDE", "area": "…", "value": 0}.',
  }
}

/** The answer on `command/result`. */
export function resultJson(request: Request, outcome: Fault | AgentError | null): string {
  if (outcome === null) return JSON.stringify({ ...request, ok: true })
  const message = outcome instanceof AgentError ? outcome.what : outcome.message
  return JSON.stringify({ ...request, ok: false, code: outcome.code, message: maskSecrets(message), remedy: maskSecrets(outcome.remedy) })
}
