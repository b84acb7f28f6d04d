import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import { type AgentView, unknownStream } from './agent-view.ts'
import { cameraStream } from './camera-routes.ts'
import type { LiveVideo } from './live-video.ts'

const picture = z.object({
  overlay: z.enum(['0', '1']).default('1'),
  width: z.coerce.number().int().min(16).max(4096).optional(),
  fps: z.coerce.number().min(0.1).max(120).optional(),
})

/** MJPEG and single pictures. `video` is null when the configuration says that no pixel leaves the process tree. */
export function videoRoutes(view: AgentView, video: LiveVideo | null): Hono<HttpEnv> {
  const on = (): LiveVideo => {
    if (video !== null) return video
    throw new AgentError('VIDEO_OFF', 'This agent shows no pictures.', { remedy: 'Set http.video to "on", if those in view may be seen.' })
  }
  const watch = (c: Context<HttpEnv>, id: string) => {
    const live = on()
    if (view.stream(id) === undefined) throw unknownStream(id)
    const wish = pictureWish(c)
    const response = c.env?.outgoing
    if (c.req.method === 'HEAD' || response === undefined) return c.body(null, 200, { 'Content-Type': 'multipart/x-mixed-replace' })
    live.watch(id, wish, response, Object.fromEntries(c.res.headers))
    return RESPONSE_ALREADY_SENT
  }

  const routes = new Hono<HttpEnv>()
  routes.get('/api/camera/stream', (c) => watch(c, cameraStream(view, c.req.query('stream')).id))
  routes.get('/api/streams/:id/mjpeg', (c) => watch(c, c.req.param('id')))
  routes.get('/api/streams/:id/snapshot.jpg', async (c) => {
    const jpeg = await on().snapshot(c.req.param('id'), pictureWish(c))
    return c.body(new Uint8Array(jpeg), 200, { 'Content-Type': 'image/jpeg' })
  })
  return routes
}

function pictureWish(c: Context<HttpEnv>): { overlay: boolean; width: number | null; fps: number | null } {
  const result = picture.safeParse(c.req.query())
  if (!result.success) {
    const keys = [...new Set(result.error.issues.map((issue) => issue.path.join('.')))].join(', ')
    throw new AgentError('BAD_REQUEST', `These settings of the picture cannot be: ${keys}.`, {
      remedy: 'Take overlay=0 or 1, width=16 to 4096 (pixels), fps=0.1 to 120.',
    })
  }
  const { overlay, width, fps } = result.data
  // JPEG pictures of even sizes: neighbours share one encode.
  return { overlay: overlay === '1', width: width === undefined ? null : width - (width % 2), fps: fps ?? null }
}
