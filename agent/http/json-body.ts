import type { Context } from 'hono'
import { isTooDeep, MOST_LEVELS } from '../config/nesting.ts'
import { AgentError } from '../errors.ts'

/** The most bytes a JSON body may have. */
export const MOST_JSON_BYTES = 64 * 1024

/** The JSON object in the body of a request; its keys are still to be checked. */
export async function jsonObject(c: Context): Promise<Readonly<Record<string, unknown>>> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new AgentError('UNSUPPORTED_TYPE', `${c.req.path} takes JSON, not ${type ?? 'a body without Content-Type'}.`, {
      remedy: 'Send the header "Content-Type: application/json".',
    })
  }
  let value: unknown
  try {
    value = await c.req.json()
  } catch (cause) {
    // Without the parser's words: they quote the body, which may hold a secret.
    throw new AgentError('BAD_REQUEST', 'The body is not valid JSON.', { remedy: 'Correct the body.', cause })
  }
  if (isTooDeep(value)) {
    throw new AgentError('BAD_REQUEST', `The body is nested deeper than ${MOST_LEVELS} levels.`, {
      remedy: 'Send only keys that are known.',
    })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new AgentError('BAD_REQUEST', 'The body is not a JSON object.', { remedy: 'Send an object: {"key": value}.' })
}

/** The same, but no body at all is an empty object. */
export async function optionalJsonObject(c: Context): Promise<Readonly<Record<string, unknown>>> {
  const { headers } = c.req.raw
  if (!headers.has('content-type') && (await c.req.arrayBuffer()).byteLength === 0) return {}
  return jsonObject(c)
}
