import { Hono } from 'hono'
import type { HttpEnv } from './access.ts'
import type { AgentView } from './agent-view.ts'
import type { LiveVideo } from './live-video.ts'
import { metricFamilies } from './metrics.ts'
import { METRICS_TYPE, metricsText } from './metrics-text.ts'

/** `GET /metrics`: for Prometheus, which sends the token as a bearer token. */
export function metricsRoutes(view: AgentView, video: LiveVideo | null): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.get('/metrics', async (c) => {
    const vitals = await view.vitals()
    const streams = view.streams().map((stream) => ({ stream, video: video?.counters(stream.id) ?? null }))
    return c.body(metricsText(metricFamilies(streams, vitals)), 200, { 'Content-Type': METRICS_TYPE })
  })
  return routes
}
