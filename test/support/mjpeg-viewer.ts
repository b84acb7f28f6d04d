import { connect, type Socket } from 'node:net'

/** One browser-like viewer of an MJPEG URL: keeps the newest picture and counts them. */
export interface MjpegViewer extends AsyncDisposable {
  readonly frames: number
  readonly newest: Buffer | null
  /** True until the server has ended the connection. */
  readonly connected: boolean
}

/** Opens one viewer; pictures are cut out by their Content-Length. */
export function viewMjpeg(url: string, token: string): MjpegViewer {
  const { hostname, port, pathname, search } = new URL(url)
  const socket: Socket = connect(Number(port), hostname)
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
  )
  const viewer = { frames: 0, newest: null as Buffer | null, connected: true }
  let rest = Buffer.alloc(0)
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data])
    for (;;) {
      const head = rest.toString('latin1', 0, 2_048).match(/Content-Length: (\d+)\r\n(?:[^\r\n]+\r\n)*\r\n/i)
      if (head?.index === undefined) return
      const start = head.index + head[0].length
      const end = start + Number(head[1])
      if (rest.length < end) return
      viewer.newest = Buffer.from(rest.subarray(start, end))
      viewer.frames++
      rest = Buffer.from(rest.subarray(end))
    }
  })
  socket.on('close', () => {
    viewer.connected = false
  })
  socket.on('error', () => undefined) // 'close' follows
  return Object.assign(viewer, {
    async [Symbol.asyncDispose]() {
      socket.destroy()
    },
  })
}
