import type { Listener } from './subscriptions.ts'
import { countText } from './topics.ts'

/** What the publisher needs of the session. */
export interface AreaTopics {
  topic(suffix: string): string
  listen(topic: string, listener: Listener): void
  retain(suffix: string, payload: string, options?: { repeat?: boolean }): void
  clear(suffix: string): void
}

export interface AreaPublisherOptions {
  readonly topics: AreaTopics
  readonly heartbeatMs: number
}

/**
 * Tells how many people are inside each area: when it changes, and again as a heartbeat. An area that an earlier configuration has left at
 * the broker is taken back: its topic bears our node, so it is ours.
 */
export class AreaPublisher implements Disposable {
  readonly #topics: AreaTopics
  readonly #heartbeat: NodeJS.Timeout
  readonly #insides = new Map<string, number | null>()
  /** Areas that were at the broker when we came. */
  readonly #found = new Set<string>()

  constructor({ topics, heartbeatMs }: AreaPublisherOptions) {
    this.#topics = topics
    topics.listen(topics.topic(areaTopic('+')), (_payload, { topic, retained }) => {
      const area = topic.split('/').at(-2)
      if (retained && area !== undefined) this.#found.add(area)
    })
    this.#heartbeat = setInterval(() => {
      this.#takeBack()
      this.repeatAll()
    }, heartbeatMs).unref()
  }

  /** So many people are inside now; null: unknown. May be called as often as one likes. */
  update(area: string, inside: number | null): void {
    this.#insides.set(area, inside)
    this.#topics.retain(areaTopic(area), countText(inside))
  }

  /** Says everything again. */
  repeatAll(): void {
    for (const [area, inside] of this.#insides) this.#topics.retain(areaTopic(area), countText(inside), { repeat: true })
  }

  /** Leaves no number behind that nobody watches over. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat)
    for (const area of this.#insides.keys()) this.#topics.retain(areaTopic(area), countText(null))
    this.#insides.clear()
  }

  /** Not at once when it is found: at the start we may be told of an area of ours only later. */
  #takeBack(): void {
    for (const area of this.#found) if (!this.#insides.has(area)) this.#topics.clear(areaTopic(area))
    this.#found.clear()
  }
}

/** Where the people inside an area are told, below the node's topics. */
export function areaTopic(area: string): string {
  return `area/${area}/inside`
}
