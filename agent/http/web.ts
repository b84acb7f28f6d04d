import { hostname } from 'node:os'
import type { Doorbells } from 'hailort-node/ring'
import { Access } from './access.ts'
import type { AgentView } from './agent-view.ts'
import { createApp } from './app.ts'
import { EventFeed } from './event-feed.ts'
import { LiveVideo } from './live-video.ts'
import { readPage } from './page-routes.ts'
import { HttpServer } from './server.ts'
import type { StreamTokens } from './stream-tokens.ts'

export interface WebOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly token: string
  readonly streamTokens: StreamTokens
  readonly allowedHosts: 'auto' | readonly string[]
  readonly frameAncestors: readonly string[]
  readonly jpegQuality: number
  /** `off`: no picture leaves the process tree, and no encoder is made. */
  readonly video: 'on' | 'off'
  readonly maxViewers: number
  readonly doorbells: Doorbells
  /** The doorbell of results for viewers; the agent names it in the header of every ring. */
  readonly viewersDoorbell: number
  readonly onBug: (error: unknown) => void
}

/** Connections beside those of viewers: pages, scripts, who is refused politely. */
const ROOM = 360
/** Of these for one address, which may be that of a proxy: a single stranger leaves the others room. */
const ROOM_FOR_ONE = 180

/** The agent's whole HTTP side: page, routes, live pictures. */
export class Web implements AsyncDisposable {
  readonly #server: HttpServer
  readonly #video: LiveVideo | null
  readonly #events: EventFeed
  readonly #ending: AbortController

  private constructor(server: HttpServer, video: LiveVideo | null, events: EventFeed, ending: AbortController) {
    this.#server = server
    this.#video = video
    this.#events = events
    this.#ending = ending
  }

  /** Throws what HttpServer.open throws. */
  static async open(view: AgentView, options: WebOptions): Promise<Web> {
    const { host, port, tls, token, streamTokens, allowedHosts, frameAncestors, onBug } = options
    const access = new Access({ token, machine: hostname(), allowedHosts, streamTokens })
    const video = options.video === 'off' ? null : liveVideo(view, options)
    const page = await readPage()
    const events = new EventFeed(view)
    const ending = new AbortController()
    const app = createApp(view, { access, video, events, streamTokens, page, frameAncestors, onBug, ending: ending.signal })
    try {
      const limits = { maxConnections: options.maxViewers + ROOM, maxFromOne: options.maxViewers + ROOM_FOR_ONE }
      const server = await HttpServer.open({ host, port, tls, ...limits, fetch: app.fetch })
      return new Web(server, video, events, ending)
    } catch (error) {
      events[Symbol.dispose]()
      throw error
    }
  }

  get port(): number {
    return this.#server.port
  }

  /** Everybody who watches a live picture now. */
  get viewers(): number {
    return this.#video?.viewers ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.#video?.[Symbol.dispose]()
    this.#events[Symbol.dispose]()
    await this.#server[Symbol.asyncDispose]()
  }
}

function liveVideo(view: AgentView, { doorbells, viewersDoorbell, maxViewers, jpegQuality, onBug }: WebOptions): LiveVideo {
  return new LiveVideo({
    ring: (id) => view.ring(id),
    doorbells,
    doorbell: viewersDoorbell,
    maxViewers,
    jpegQuality,
    onBug,
  })
}
