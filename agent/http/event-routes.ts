import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import type { HttpEnv } from './access.ts'
import { EventClient } from './event-client.ts'
import type { EventFeed } from './event-feed.ts'

/** `GET /api/events`: server-sent events. `Last-Event-ID`, which a browser sends by itself, goes on where a connection broke off. */
export function eventRoutes(feed: EventFeed): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.get('/api/events', (c) => {
    const response = c.env?.outgoing
    if (c.req.method === 'HEAD' || response === undefined) return c.body(null, 200, { 'Content-Type': 'text/event-stream' })
    feed.check()
    const client = EventClient.open(response, Object.fromEntries(c.res.headers))
    if (client !== null) feed.add(client, c.req.header('last-event-id') ?? null)
    return RESPONSE_ALREADY_SENT
  })
  return routes
}
