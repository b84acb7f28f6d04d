import { Hono } from 'hono'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import { type AgentView, unknownLine, unknownStream } from './agent-view.ts'
import { optionalJsonObject } from './json-body.ts'

const WHO = 'http'

/** Totals back to zero: `POST /api/streams/:id/totals/reset` (one stream, or one `line` of it) and `POST /api/totals/reset` (all). */
export function totalsRoutes(view: AgentView): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.post('/api/streams/:id/totals/reset', async (c) => {
    const stream = view.stream(c.req.param('id'))
    if (stream === undefined) throw unknownStream(c.req.param('id'))
    const line = lineOf(await optionalJsonObject(c))
    if (line !== null && !stream.geometry.lines.some(({ id }) => id === line)) throw unknownLine(stream.id, line)
    await view.resetTotals(stream.id, line, WHO)
    return c.body(null, 204)
  })
  routes.post('/api/totals/reset', async (c) => {
    const body = await optionalJsonObject(c)
    // Somebody means less than all: better nothing than everything.
    if (Object.keys(body).length > 0) {
      throw new AgentError('BAD_REQUEST', 'POST /api/totals/reset resets the totals of all streams and takes no keys.', {
        remedy: 'Send no body or {}; for one stream or line use POST /api/streams/ID/totals/reset.',
      })
    }
    await view.resetTotals(null, null, WHO)
    return c.body(null, 204)
  })
  return routes
}

/** The line in the body; null when it names none. An empty body is an empty object. */
function lineOf(body: Readonly<Record<string, unknown>>): string | null {
  const { line, ...others } = body
  if (Object.keys(others).length === 0 && (line === undefined || typeof line === 'string')) return line ?? null
  throw new AgentError('BAD_REQUEST', 'A reset takes nothing but the id of a line.', {
    remedy: 'Send {"line": "ID"}, or {} for all lines of the stream.',
  })
}
