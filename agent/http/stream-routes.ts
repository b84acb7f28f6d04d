import { Hono } from 'hono'
import type { HttpEnv } from './access.ts'
import { type AgentView, type StreamShown, unknownStream } from './agent-view.ts'
import { jsonObject } from './json-body.ts'
import type { LiveVideo } from './live-video.ts'
import { streamJson } from './stream-json.ts'
import type { StreamTokens } from './stream-tokens.ts'

/** `/api/streams`: what there is, and how to change it. */
export function streamRoutes(view: AgentView, video: LiveVideo | null, tokens: StreamTokens): Hono<HttpEnv> {
  const known = (id: string): StreamShown => {
    const stream = view.stream(id)
    if (stream === undefined) throw unknownStream(id)
    return stream
  }
  const json = (stream: StreamShown) => streamJson(stream, video?.counters(stream.id) ?? null)
  const ordered = (id: string, order: (id: string) => Promise<void>) => order(known(id).id).then(() => json(known(id)))

  const routes = new Hono<HttpEnv>()
  routes.get('/api/streams', (c) => c.json(view.streams().map(json)))
  routes.post('/api/streams', async (c) => c.json(json(await view.add(await jsonObject(c))), 201))
  routes.post('/api/streams/test', async (c) => c.json(await view.test(await jsonObject(c), c.req.raw.signal)))
  routes.get('/api/streams/:id', (c) => c.json(json(known(c.req.param('id')))))
  routes.patch('/api/streams/:id', async (c) => {
    const { id } = known(c.req.param('id'))
    return c.json(json(await view.patch(id, await jsonObject(c))))
  })
  routes.delete('/api/streams/:id', async (c) => {
    const { id } = known(c.req.param('id'))
    await view.remove(id)
    // Who might see this camera may not see another that gets its name.
    await tokens.revoke({ stream: id })
    return c.body(null, 204)
  })
  routes.get('/api/streams/:id/state', (c) => c.json(known(c.req.param('id')).state))
  routes.post('/api/streams/:id/start', async (c) => c.json(await ordered(c.req.param('id'), (id) => view.start(id))))
  routes.post('/api/streams/:id/stop', async (c) => c.json(await ordered(c.req.param('id'), (id) => view.stop(id))))
  routes.post('/api/streams/:id/restart', async (c) => c.json(await ordered(c.req.param('id'), (id) => view.restart(id))))
  return routes
}
