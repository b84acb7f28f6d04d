import { Hono } from 'hono'
import { AgentError } from '../errors.ts'
import type { Access, HttpEnv } from './access.ts'
import type { AgentView } from './agent-view.ts'
import { areaRoutes } from './area-routes.ts'
import { bodyLimit } from './body-limit.ts'
import { cameraRoutes } from './camera-routes.ts'
import { doctorRoutes } from './doctor-routes.ts'
import { errorResponse } from './error-response.ts'
import type { EventFeed } from './event-feed.ts'
import { eventRoutes } from './event-routes.ts'
import { healthRoutes, warmupRoutes } from './health-routes.ts'
import { historyRoutes } from './history-routes.ts'
import { MOST_JSON_BYTES } from './json-body.ts'
import type { LiveVideo } from './live-video.ts'
import { logRoutes } from './log-routes.ts'
import { loginRoutes, logoutRoutes } from './login-routes.ts'
import { metricsRoutes } from './metrics-routes.ts'
import { openapiRoutes } from './openapi-routes.ts'
import { type PageFile, pageRoutes } from './page-routes.ts'
import { securityHeaders } from './security-headers.ts'
import { streamRoutes } from './stream-routes.ts'
import { streamTokenRoutes } from './stream-token-routes.ts'
import type { StreamTokens } from './stream-tokens.ts'
import { totalsRoutes } from './totals-routes.ts'
import { videoRoutes } from './video-routes.ts'

export interface AppParts {
  readonly access: Access
  /** null: `http.video: off`. */
  readonly video: LiveVideo | null
  readonly events: EventFeed
  readonly streamTokens: StreamTokens
  /** The HTTP side ends: what it has started for a request ends too. */
  readonly ending: AbortSignal
  readonly page: readonly PageFile[]
  readonly frameAncestors: readonly string[]
  /** Told of a failure that nobody foresaw. */
  readonly onBug: (error: unknown) => void
}

/** Everything HTTP answers. What stands before `requireToken` is open; everything else, known or not, needs the token. */
export function createApp(view: AgentView, parts: AppParts): Hono<HttpEnv> {
  const { access, video, events, streamTokens, page, frameAncestors, onBug } = parts
  const app = new Hono<HttpEnv>()
  app.use(securityHeaders(frameAncestors))
  app.use(access.checkSender)
  app.use(bodyLimit(MOST_JSON_BYTES))
  app.route('/', healthRoutes(view))
  app.route('/', loginRoutes(access))
  app.route('/', pageRoutes(page))
  app.use(access.requireToken)
  app.route('/', logoutRoutes(access))
  app.route('/', warmupRoutes(view))
  app.route('/', cameraRoutes(view, video))
  app.route('/', streamRoutes(view, video, streamTokens))
  app.route('/', streamTokenRoutes(view, streamTokens))
  app.route('/', videoRoutes(view, video))
  app.route('/', totalsRoutes(view))
  app.route('/', areaRoutes(view))
  app.route('/', historyRoutes(view, onBug))
  app.route('/', eventRoutes(events))
  app.route('/', doctorRoutes(view, parts.ending))
  app.route('/', logRoutes(view))
  app.route('/', metricsRoutes(view, video))
  app.route('/', openapiRoutes())
  app.notFound((c) => errorResponse(c, unknownRoute(c.req.method, c.req.path), onBug))
  app.onError((error, c) => errorResponse(c, error, onBug))
  return app
}

function unknownRoute(method: string, path: string): AgentError {
  return new AgentError('NOT_FOUND', `There is no ${method} ${path}.`, {
    remedy: 'GET /openapi.json lists the routes; GET /api/streams lists the streams.',
  })
}
