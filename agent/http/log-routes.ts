import { Hono } from 'hono'
import type { HttpEnv } from './access.ts'
import type { AgentView } from './agent-view.ts'

/** `GET /api/log`: the last lines of the agent's log, oldest first. They hold no secrets: the log masks them before it keeps them. */
export function logRoutes(view: AgentView): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.get('/api/log', (c) => c.json({ lines: view.logLines() }))
  return routes
}
