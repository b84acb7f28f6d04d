import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { limitUnsent } from './unsent-limit.ts'

const BOUNDARY = 'headcount-frame'
const KEEP_ALIVE_MS = 30_000
/** How much of the pause between two frames one may come early: a camera is never quite regular. */
const EARLY = 0.25

/** One frame as it goes to every viewer: made once, written many times. */
export function multipartFrame(jpeg: Buffer, seq: number): Buffer {
  const head = `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\nX-Frame-Seq: ${seq}\r\n\r\n`
  // The boundary follows at once: a browser shows a frame when it has seen the boundary behind it.
  return Buffer.concat([Buffer.from(head, 'latin1'), jpeg, Buffer.from(`\r\n--${BOUNDARY}\r\n`, 'latin1')])
}

/** One connection that watches: takes whole frames or skips them, never queues. */
export class Viewer {
  readonly #socket: Socket
  readonly #pauseMs: number
  #dueMs = 0
  #blockedSinceMs: number | null = null

  private constructor(socket: Socket, fps: number | null) {
    this.#socket = socket
    this.#pauseMs = fps === null ? 0 : 1_000 / fps
  }

  /** Answers with a stream of frames that ends when the connection does; null when the viewer has left already. */
  static open(response: ServerResponse, headers: Readonly<Record<string, string>>, fps: number | null): Viewer | null {
    const socket = response.socket
    if (socket === null || socket.destroyed) return null
    // Frames go straight to the socket: without chunks, and without Node's bookkeeping for each piece.
    response.removeHeader('Transfer-Encoding')
    response.writeHead(200, { ...headers, 'Content-Type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`, Connection: 'close' })
    response.flushHeaders()
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    limitUnsent(socket)
    socket.write(`--${BOUNDARY}\r\n`)
    return new Viewer(socket, fps)
  }

  /** Whether a frame is due now by the viewer's own rate. Asking takes the turn. */
  takesTurn(nowMs: number): boolean {
    if (nowMs + this.#pauseMs * EARLY < this.#dueMs) return false
    this.#dueMs = Math.max(this.#dueMs, nowMs - this.#pauseMs * EARLY) + this.#pauseMs
    return true
  }

  /** The last frame has left for the kernel, so the next may be written. */
  get ready(): boolean {
    return this.#socket.writableLength === 0
  }

  /** Writes a whole frame; false when the viewer has gone meanwhile. */
  send(frame: Buffer): boolean {
    if (this.#socket.destroyed) return false
    this.#socket.write(frame)
    return true
  }

  /** For how long the frame sent last has been stuck. Asked from time to time. */
  blockedMs(nowMs: number): number {
    if (this.ready) this.#blockedSinceMs = null
    else this.#blockedSinceMs ??= nowMs
    return this.#blockedSinceMs === null ? 0 : nowMs - this.#blockedSinceMs
  }

  onGone(gone: () => void): void {
    this.#socket.once('close', gone)
  }

  close(): void {
    this.#socket.destroy()
  }
}
