/** What a body in pieces may do to its connection. */
export interface ChunkedBodyParts {
  /** Ends the connection in the middle of the body, so that the reader sees that something is missing; null when there is none. */
  readonly cut: (() => void) | null
  /** Told once, whatever ends the body; `error` when it is a failure. */
  readonly onEnd: (error?: unknown) => void
  /** After how long a reader that takes nothing is cut off. */
  readonly stalledMs?: number
}

const STALLED_MS = 30_000

/**
 * A body that is made while it is read: the next piece is asked for when the reader has taken the one before. A reader that takes
 * nothing for half a minute is cut off, and so is one whose source fails half-way: the status has been sent, only a broken end tells it.
 */
export function chunkedBody(first: string, rest: AsyncIterator<string, unknown>, parts: ChunkedBodyParts): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let ended = false
  const end = (error?: unknown) => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    // The generators behind it close their files; what fails in that concerns nobody any more.
    void Promise.resolve(rest.return?.()).catch(() => undefined)
    parts.onEnd(error)
  }
  const timer = setTimeout(() => {
    parts.cut?.()
    end()
  }, parts.stalledMs ?? STALLED_MS).unref()

  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(first)),
      async pull(controller) {
        timer.refresh()
        try {
          const { done, value } = await rest.next()
          if (ended) return
          if (done !== true) return controller.enqueue(encoder.encode(value))
          end()
          controller.close()
        } catch (error) {
          end(error)
          // The connection is gone then, and with it the reader of the body: an error would only be printed.
          if (parts.cut === null) controller.error(error)
          else {
            parts.cut()
            controller.close()
          }
        }
      },
      cancel: () => end(),
    },
    { highWaterMark: 1 },
  )
}
