import { areaTopic, countText } from './topics.ts'

/** What the publisher needs of the session. */
export interface AreaTopics {
  retain(suffix: string, payload: string, options?: { repeat?: boolean }): void
}

export interface AreaPublisherOptions {
  readonly topics: AreaTopics
  readonly heartbeatMs: number
}

/** Tells how many people are inside each area: when it changes, and again as a heartbeat. */
export class AreaPublisher implements Disposable {
  readonly #topics: AreaTopics
  readonly #heartbeat: NodeJS.Timeout
  readonly #insides = new Map<string, number | null>()

  constructor({ topics, heartbeatMs }: AreaPublisherOptions) {
    this.#topics = topics
    this.#heartbeat = setInterval(() => this.repeatAll(), heartbeatMs).unref()
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
}
