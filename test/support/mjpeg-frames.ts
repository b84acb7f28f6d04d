import { connect } from 'node:net'

/** One part of a multipart answer. */
export interface ReceivedFrame {
  readonly seq: number
  readonly jpeg: Buffer
}

/** A viewer that keeps every picture, and can stop reading. */
export interface FrameCollector extends AsyncDisposable {
  readonly status: number
  readonly head: string
  readonly frames: readonly ReceivedFrame[]
  readonly ended: boolean
  /** Takes nothing from the network any more, as a phone in a tunnel. */
  stall(): void
  resume(): void
}

/** Opens a live picture with a socket of its own and takes it apart: head, then parts by their Content-Length. */
export function collectFrames(port: number, path: string, token: string): FrameCollector {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  const collector = { status: 0, head: '', frames: [] as ReceivedFrame[], ended: false }
  let rest: Buffer = Buffer.alloc(0)

  const take = (): boolean => {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = rest.toString('latin1', 0, end)
    if (collector.status === 0) {
      collector.head = head
      collector.status = Number(head.split(' ')[1])
      rest = rest.subarray(end + 4)
      return collector.status === 200
    }
    const length = Number(/Content-Length: (\d+)/.exec(head)?.[1])
    if (rest.length < end + 4 + length) return false
    const jpeg = Buffer.from(rest.subarray(end + 4, end + 4 + length))
    collector.frames.push({ seq: Number(/X-Frame-Seq: (\d+)/.exec(head)?.[1]), jpeg })
    rest = rest.subarray(end + 4 + length)
    return true
  }
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data])
    while (take());
  })
  socket.on('close', () => {
    collector.ended = true
  })
  socket.on('error', () => undefined) // 'close' follows
  return Object.assign(collector, {
    stall: () => void socket.pause(),
    resume: () => void socket.resume(),
    async [Symbol.asyncDispose]() {
      socket.destroy()
    },
  })
}
