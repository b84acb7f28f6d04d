import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/**
 * A network camera that asks for HTTP Basic and then says whatever it was told: the header, user and password, each in every way it may be
 * written, and an address with all of it that it sends its client to. It never gives a picture. On a free port of 127.0.0.1; gone with its
 * scope.
 */
export class EchoingCamera implements AsyncDisposable {
  readonly port: number
  readonly #end: () => Promise<void>

  private constructor(port: number, end: () => Promise<void>) {
    this.port = port
    this.#end = end
  }

  static async open(): Promise<EchoingCamera> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
      serve(socket, () => (server.address() as AddressInfo).port)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new EchoingCamera((server.address() as AddressInfo).port, async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    })
  }

  /** `login` is written into it as it stands. */
  url(login: string): string {
    return `rtsp://${login}@127.0.0.1:${this.port}/cam`
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

function serve(socket: Socket, port: () => number): void {
  let unread = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    unread += text
    for (let end = unread.indexOf('\r\n\r\n'); end >= 0; end = unread.indexOf('\r\n\r\n')) {
      socket.write(answer(unread.slice(0, end), port()))
      unread = unread.slice(end + 4)
    }
  })
}

function answer(request: string, port: number): string {
  const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '0'
  const [, header, basic] = /^Authorization: *(Basic *(\S+))/im.exec(request) ?? []
  if (header === undefined || basic === undefined) return said('401 Unauthorized', sequence, ['WWW-Authenticate: Basic realm="all of you"'])
  const [user = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  const password = rest.join(':')
  const quoted = `user-pw=(string)"${password}" basic is ${basic} and ${encodeURIComponent(password)}`
  if (request.startsWith('OPTIONS'))
    return said('200 OK', sequence, ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN', `Server: ${header}, ${user}, ${password}`])
  const isSecond = request.includes('/second')
  if (!isSecond) {
    const place = `rtsp://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/second?pw=${encodeURIComponent(password)}`
    return said('302 Moved', sequence, [`Location: ${place}`, `Server: ${quoted}`])
  }
  return said(`404 Nothing here for ${password}`, sequence, [`Server: ${quoted}`])
}

function said(status: string, sequence: string, headers: readonly string[]): string {
  return [`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, ...headers, '', ''].join('\r\n')
}
