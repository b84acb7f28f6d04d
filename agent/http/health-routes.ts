import { Hono } from 'hono'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import type { AgentView } from './agent-view.ts'

const WARMUP_MS = 120_000

/** `GET /health`: open to all, since it tells nothing about anybody. */
export function healthRoutes(view: AgentView): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.get('/health', (c) => {
    const health = view.health()
    return c.json(health, health.status === 'starting' ? 503 : 200)
  })
  return routes
}

/** `GET /warmup`: answers when the first inference has passed. */
export function warmupRoutes(view: AgentView): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.get('/warmup', async (c) => {
    const limit = AbortSignal.timeout(WARMUP_MS)
    try {
      await view.warmup(AbortSignal.any([c.req.raw.signal, limit]))
    } catch (cause) {
      if (!limit.aborted) throw cause
      throw new AgentError('ENGINE_SILENT', `No inference has passed within ${WARMUP_MS / 1_000} s.`, {
        remedy: 'Look at GET /health and at the log of the agent.',
        cause,
      })
    }
    return c.json(view.health())
  })
  return routes
}
