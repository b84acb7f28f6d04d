import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { AgentError } from '../errors.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import { isAllowedHost, isOwnOrigin } from './hosts.ts'
import { LoginLimit } from './login-limit.ts'
import { SESSION_SECONDS, Sessions } from './sessions.ts'
import type { StreamTokens } from './stream-tokens.ts'

/** What Hono hands to every route: Node's own request and response; empty when a test calls the app directly. */
export interface HttpEnv {
  Bindings: Partial<HttpBindings>
}

export interface AccessOptions {
  readonly token: string
  /** This machine's own host name. */
  readonly machine: string
  readonly allowedHosts: 'auto' | readonly string[]
  readonly streamTokens: StreamTokens
}

/** What a stream token opens. An id needs no decoding. */
const PICTURES = /^\/api\/streams\/([a-z0-9_-]+)\/(?:mjpeg|snapshot\.jpg)$/

/** Who may come in: the token in a header, or the session cookie of a browser that showed the token once. */
export class Access {
  readonly #tokenHash: Buffer
  readonly #sessions = new Sessions()
  readonly #limit = new LoginLimit()
  readonly #options: AccessOptions

  constructor(options: AccessOptions) {
    this.#options = options
    this.#tokenHash = hash(options.token)
  }

  /** For every request: is it meant for us, and does a change come from our own page? */
  readonly checkSender: MiddlewareHandler<HttpEnv> = async (c, next) => {
    const host = hostOf(c)
    if (!isAllowedHost(host, this.#options.machine, this.#options.allowedHosts)) {
      throw new AgentError('FORBIDDEN', 'This agent does not answer to the host name of this request.', {
        remedy: 'Call it by its IP address or its own host name, or add the name to http.allowedHosts.',
      })
    }
    const origin = c.req.header('origin')
    const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD'
    if (changes && origin !== undefined && !isOwnOrigin(origin, host)) throw foreignOrigin()
    await next()
  }

  /** For every route behind it: the token or a session; for pictures of one stream its own token will do. */
  readonly requireToken: MiddlewareHandler<HttpEnv> = async (c, next) => {
    if (!this.#showsToken(c) && !this.#showsKey(c)) {
      const session = getCookie(c, cookieName(c))
      if (session === undefined || !this.#sessions.has(session, monotonicMs())) throw this.#unauthorized(c, session !== undefined)
      // A browser sends the cookie by itself, so the change has to prove that our page made it; browsers always say the Origin of a change.
      if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && c.req.header('origin') === undefined) throw foreignOrigin()
      if (c.env?.outgoing) this.#sessions.hold(session, c.env.outgoing)
    }
    await next()
  }

  /** Opens a session for whoever knows the token; false when it is not the token. Throws TOO_MANY_ATTEMPTS. */
  login(c: Context<HttpEnv>, token: string): boolean {
    const address = c.env?.incoming?.socket.remoteAddress ?? 'unknown'
    const nowMs = monotonicMs()
    if (!this.#limit.allows(address, nowMs)) {
      throw new AgentError('TOO_MANY_ATTEMPTS', 'There were too many logins with a wrong token from this address.', {
        remedy: 'Wait a minute, then use the token of the token file.',
      })
    }
    if (!this.#isToken(token)) {
      this.#limit.failed(address, nowMs)
      return false
    }
    const secure = new URL(c.req.url).protocol === 'https:'
    const attributes = { path: '/', httpOnly: true, sameSite: 'Strict', secure, maxAge: SESSION_SECONDS } as const
    setCookie(c, cookieName(c), this.#sessions.open(nowMs), attributes)
    return true
  }

  /** Ends the session and what it shows: a live picture or events would go on for ever. */
  logout(c: Context<HttpEnv>): void {
    const session = getCookie(c, cookieName(c))
    if (session !== undefined) this.#sessions.close(session, c.env?.outgoing)
    deleteCookie(c, cookieName(c), { path: '/' })
  }

  #showsToken(c: Context<HttpEnv>): boolean {
    const [, scheme, credentials] = /^(\w+) +(\S+)$/.exec(c.req.header('authorization') ?? '') ?? []
    if (scheme === undefined || credentials === undefined) return false
    if (scheme.toLowerCase() === 'bearer') return this.#isToken(credentials)
    if (scheme.toLowerCase() !== 'basic') return false
    const pair = Buffer.from(credentials, 'base64').toString('utf8')
    return this.#isToken(pair.slice(pair.indexOf(':') + 1))
  }

  #showsKey(c: Context<HttpEnv>): boolean {
    const key = c.req.query('key')
    const stream = PICTURES.exec(c.req.path)?.[1]
    if (key === undefined || stream === undefined || (c.req.method !== 'GET' && c.req.method !== 'HEAD')) return false
    const id = this.#options.streamTokens.idOf(key, stream)
    if (id === null) return false
    if (c.env?.outgoing) this.#options.streamTokens.hold(id, c.env.outgoing)
    // Such a token is made to show a picture on somebody else's page.
    c.header('Cross-Origin-Resource-Policy', 'cross-origin')
    return true
  }

  #isToken(text: string): boolean {
    return timingSafeEqual(hash(text), this.#tokenHash)
  }

  #unauthorized(c: Context<HttpEnv>, hadSession: boolean): AgentError {
    // A browser answers "Basic" with a window of its own over our page; players and Home Assistant need to be asked that way.
    const page = hadSession || c.req.header('accept') === 'application/json'
    c.header('WWW-Authenticate', page ? 'Bearer realm="headcount"' : 'Basic realm="headcount", charset="UTF-8"')
    const shown = c.req.header('authorization') !== undefined
    return new AgentError('UNAUTHORIZED', shown ? 'The token is wrong.' : `${c.req.path} needs the token.`, {
      remedy:
        'Send "Authorization: Bearer TOKEN" or the token as password of HTTP Basic, or log in on the page; TOKEN stands in http.tokenFile.',
    })
  }
}

function hash(text: string): Buffer {
  // Of one length, as timingSafeEqual needs it.
  return createHash('sha256').update(text).digest()
}

function hostOf(c: Context): string {
  return c.req.header('host') ?? new URL(c.req.url).host
}

// Cookies ignore ports: two agents on one host must not overwrite each other's.
function cookieName(c: Context): string {
  return `headcount_${new URL(`http://${hostOf(c)}`).port || 'session'}`
}

function foreignOrigin(): AgentError {
  return new AgentError('FORBIDDEN', 'This change does not come from the page of this agent.', {
    remedy: 'Make it from the page at /, or send the token in the Authorization header, without Origin.',
  })
}
