import type { ServerResponse } from 'node:http'

/** A reader that is further behind than this is dropped; it comes back with Last-Event-ID and has lost nothing. */
const MOST_UNSENT_BYTES = 512 * 1024
/** Milliseconds after which a browser that was dropped comes back. */
const RETRY_MS = 3_000

/** One message of server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html). */
export function eventText(event: string, data: unknown, id: string | null = null): string {
  // JSON holds no line breaks, so one `data` line is enough.
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** One connection that listens. */
export class EventClient {
  readonly #response: ServerResponse

  private constructor(response: ServerResponse) {
    this.#response = response
  }

  /** Answers with an endless body; null when the reader has left already. */
  static open(response: ServerResponse, headers: Readonly<Record<string, string>>): EventClient | null {
    if (response.destroyed || response.socket === null || response.socket.destroyed) return null
    // The last one is for nginx, which would gather what is meant for now.
    response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' })
    response.on('error', () => undefined) // 'close' follows.
    response.write(`retry: ${RETRY_MS}\n\n`)
    return new EventClient(response)
  }

  /** Writes a message, or drops a reader that does not take what it has been sent. */
  send(text: string): void {
    if (this.#response.writableLength > MOST_UNSENT_BYTES) this.close()
    else this.#response.write(text)
  }

  onGone(gone: () => void): void {
    this.#response.once('close', gone)
  }

  close(): void {
    this.#response.destroy()
  }
}
