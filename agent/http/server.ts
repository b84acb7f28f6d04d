import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { readPem } from '../config/pem.ts'
import { AgentError } from '../errors.ts'
import { neighbourhoodOf } from './login-limit.ts'

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly maxConnections: number
  /** Of these from one address (IPv6: from one /64 network); default: all. */
  readonly maxFromOne?: number
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>
}

const HEADERS_MS = 10_000
const REQUEST_MS = 30_000
/** Browsers send one after the other. Whoever sends heaps without reading would have all their answers made, and kept in memory. */
const MOST_AT_ONCE = 8

/** The listening socket. Leaving its scope ends every connection at once: live pictures would never end by themselves. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #fromOne = new Map<string, number>()

  private constructor(server: Server, maxFromOne: number) {
    this.#server = server
    // Node's own list holds no connection that is still in its TLS handshake.
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      const from = neighbourhoodOf(socket.remoteAddress ?? '')
      this.#count(from, 1)
      socket.once('close', () => {
        this.#sockets.delete(socket)
        this.#count(from, -1)
      })
      if ((this.#fromOne.get(from) ?? 0) > maxFromOne) socket.destroy()
    })
  }

  #count(from: string, more: number): void {
    const count = (this.#fromOne.get(from) ?? 0) + more
    if (count === 0) this.#fromOne.delete(from)
    else this.#fromOne.set(from, count)
  }

  /** Throws PORT_IN_USE, PORT_REFUSED; CONFIG_UNREADABLE and CONFIG_INVALID when certificate or key cannot be used. */
  static async open({ host, port, tls, maxConnections, maxFromOne = maxConnections, fetch }: ServerOptions): Promise<HttpServer> {
    const listener = getRequestListener((request, env) => fetch(request, env), {
      // Its Response would write headers itself, though a live picture has written them already.
      overrideGlobalObjects: false,
      errorHandler: () => Response.json(UNREADABLE, { status: 400 }),
    })
    const server = await createServerFor(oneAfterTheOther(listener), tls)
    server.headersTimeout = HEADERS_MS
    server.requestTimeout = REQUEST_MS
    server.maxConnections = maxConnections
    const opened = new HttpServer(server, maxFromOne)
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)))
      server.listen(port, host, resolve)
    })
    server.removeAllListeners('error')
    return opened
  }

  /** The port it really listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

const UNREADABLE = { code: 'BAD_REQUEST', message: 'The request cannot be read.', remedy: 'Send a valid Host header and path.' }

/** Ends a connection on which too many requests wait for their answers. */
function oneAfterTheOther(listener: (...pair: Parameters<RequestListener>) => unknown): RequestListener {
  const waiting = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    const count = (waiting.get(socket) ?? 0) + 1
    if (count > MOST_AT_ONCE) socket.destroy()
    // What Node had read already is still handed over.
    if (socket.destroyed) return
    waiting.set(socket, count)
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1))
    listener(request, response)
  }
}

async function createServerFor(listener: RequestListener, tls: ServerOptions['tls']): Promise<Server> {
  if (tls === null) return createServer(listener)
  const [cert, key] = await Promise.all([readPem('http.tls.cert', tls.cert), readPem('http.tls.key', tls.key)])
  try {
    return createTlsServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_MS }, listener)
  } catch (cause) {
    throw new AgentError('CONFIG_INVALID', `${tls.cert} and ${tls.key} are no certificate with its key: ${(cause as Error).message}.`, {
      remedy: 'Name PEM files that belong together in http.tls.',
      cause,
    })
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): AgentError {
  if (cause.code === 'EADDRINUSE') {
    return new AgentError('PORT_IN_USE', `Port ${port} of ${host} is taken by another program.`, {
      remedy: `Set http.port to a free one; "ss -ltnp 'sport = :${port}'" says who has it.`,
      cause,
    })
  }
  return new AgentError('PORT_REFUSED', `Port ${port} of ${host} cannot be opened: ${cause.code ?? cause.message}.`, {
    remedy: 'Set http.host to an address of this machine (0.0.0.0: all) and http.port to one above 1023.',
    cause,
  })
}
