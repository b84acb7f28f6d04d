import { RETAINED_FORMS } from './retained-forms.ts'
import type { Listener } from './subscriptions.ts'
import { areaTopic, type CountedStream, streamTopics } from './topics.ts'

/** What is needed of the session. */
export interface LeftoverTopics {
  topic(suffix: string): string
  listen(filter: string, listener: Listener): void
  /** Retains a payload; an empty one removes the topic. */
  retainAt(topic: string, payload: string): void
}

export interface LeftoversOptions {
  readonly topics: LeftoverTopics
  /** What there is now. */
  readonly streams: () => readonly CountedStream[]
  readonly areas: readonly { readonly id: string }[]
  /** So long after it was heard a topic is judged: streams may be added meanwhile. */
  readonly afterMs: number
}

/** Somebody who fills the broker with such topics gets no further. */
const MOST_FOUND = 1_000

/**
 * Takes back what an earlier configuration has left at the broker below our node: retained topics of streams, zones, lines and areas that
 * are no more. The number of a camera that was removed years ago must not stand there as if somebody watched.
 */
export class Leftovers implements Disposable {
  readonly #options: LeftoversOptions
  readonly #found = new Set<string>()
  readonly #clock: NodeJS.Timeout

  constructor(options: LeftoversOptions) {
    this.#options = options
    const { topics, afterMs } = options
    for (const suffix of RETAINED_FORMS) {
      topics.listen(topics.topic(suffix), (payload, { topic, retained }) => {
        if (retained && payload.length > 0 && this.#found.size < MOST_FOUND) this.#found.add(topic)
      })
    }
    this.#clock = setInterval(() => this.#judge(), afterMs).unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#clock)
  }

  #judge(): void {
    if (this.#found.size === 0) return
    const { topics, streams, areas } = this.#options
    const suffixes = [...streams().flatMap(streamTopics), ...areas.map(({ id }) => areaTopic(id))]
    const ours = new Set(suffixes.map((suffix) => topics.topic(suffix)))
    for (const topic of this.#found) if (!ours.has(topic)) topics.retainAt(topic, '')
    this.#found.clear()
  }
}
