import { Hono } from 'hono'
import { z } from 'zod'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import { type AgentView, unknownStream } from './agent-view.ts'
import { jsonObject } from './json-body.ts'
import type { StreamTokens } from './stream-tokens.ts'

const tokenBody = z.strictObject({ stream: z.string(), name: z.string().max(64).default('') })

/** `/api/tokens`: tokens that show the pictures of one stream (`?key=`) and can do nothing else. */
export function streamTokenRoutes(view: AgentView, tokens: StreamTokens): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.get('/api/tokens', (c) => c.json(tokens.list))
  routes.post('/api/tokens', async (c) => {
    const result = tokenBody.safeParse(await jsonObject(c))
    if (!result.success) {
      throw new AgentError('BAD_REQUEST', 'This is no stream token to be made.', {
        remedy: 'Send {"stream": "ID", "name": "…"}, the name (at most 64 characters) being whom it is for.',
      })
    }
    const { stream, name } = result.data
    if (view.stream(stream) === undefined) throw unknownStream(stream)
    return c.json(await tokens.create(stream, name), 201)
  })
  routes.delete('/api/tokens/:id', async (c) => {
    if (await tokens.revoke({ id: c.req.param('id') })) return c.body(null, 204)
    throw new AgentError('NOT_FOUND', `There is no stream token "${c.req.param('id')}".`, { remedy: 'GET /api/tokens lists them.' })
  })
  return routes
}
