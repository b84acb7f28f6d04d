import { type Context, Hono } from 'hono'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import { type AgentView, type StreamShown, unknownStream } from './agent-view.ts'
import type { LiveVideo } from './live-video.ts'
import { cameraStatusJson } from './stream-json.ts'

/** The stream `/api/camera` means: the first, or `?stream=`. */
export function cameraStream(view: AgentView, id: string | undefined): StreamShown {
  const stream = id === undefined ? view.streams()[0] : view.stream(id)
  if (stream !== undefined) return stream
  if (id !== undefined) throw unknownStream(id)
  throw new AgentError('NOT_FOUND', 'There is no stream yet.', {
    remedy: 'Add one under "streams" in the configuration or with POST /api/streams.',
  })
}

/** `/api/camera`: the agent with one camera, in the words of simpler programs. */
export function cameraRoutes(view: AgentView, video: LiveVideo | null): Hono<HttpEnv> {
  const status = (c: Context<HttpEnv>) => {
    const stream = cameraStream(view, c.req.query('stream'))
    return c.json(cameraStatusJson(stream, video?.counters(stream.id) ?? null))
  }
  const ordered = async (c: Context<HttpEnv>, order: (id: string) => Promise<void>) => {
    await order(cameraStream(view, c.req.query('stream')).id)
    return status(c)
  }

  const routes = new Hono<HttpEnv>()
  routes.post('/api/camera/start', (c) => ordered(c, (id) => view.start(id)))
  routes.post('/api/camera/stop', (c) => ordered(c, (id) => view.stop(id)))
  routes.post('/api/camera/restart', (c) => ordered(c, (id) => view.restart(id)))
  routes.get('/api/camera/status', status)
  routes.get('/api/camera/process-info', async (c) => c.json(await view.processes()))
  return routes
}
