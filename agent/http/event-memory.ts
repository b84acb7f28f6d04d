import { eventText } from './event-client.ts'

/** What a reader has missed; `isWhole` is false when something older may be missing as well. */
export interface Missed {
  /** What the reader has seen, or is taken to have seen. */
  readonly id: string
  readonly isWhole: boolean
  readonly texts: readonly string[]
}

const MOST_KEPT = 500

/** The last events of this run of the agent, for readers that come back. The ids of another run say nothing here. */
export class EventMemory {
  readonly #run: string
  /** Of the events `#last - length + 1` to `#last`. */
  readonly #texts: string[] = []
  #last = 0

  /** `run` is a name that no other run had: a-z 0-9. */
  constructor(run: string) {
    this.#run = run
  }

  /** Keeps an event and gives it its id: the message to be sent. */
  add(data: unknown): string {
    this.#last += 1
    const text = eventText('event', data, this.#id(this.#last))
    this.#texts.push(text)
    if (this.#texts.length > MOST_KEPT) this.#texts.shift()
    return text
  }

  /** What came after the event that a reader saw last; null: it is here for the first time. */
  after(lastEventId: string | null): Missed {
    const now = this.#id(this.#last)
    if (lastEventId === null || lastEventId === '') return { id: now, isWhole: true, texts: [] }
    const [, run, number] = /^([a-z0-9]+)-(\d{1,15})$/.exec(lastEventId) ?? []
    const behind = run === this.#run ? this.#last - Number(number) : -1
    if (behind < 0 || behind > this.#texts.length) return { id: now, isWhole: false, texts: [] }
    return { id: lastEventId, isWhole: true, texts: behind === 0 ? [] : this.#texts.slice(-behind) }
  }

  #id(number: number): string {
    return `${this.#run}-${number}`
  }
}
