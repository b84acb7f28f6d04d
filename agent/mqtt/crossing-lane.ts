import type { Crossing } from '../history/records.ts'
import type { EventLane } from './event-lane.ts'
import { crossingEvent, type StreamEvent } from './events.ts'

/** What delivery needs of history. */
export interface UndeliveredCrossings {
  /** The oldest that the broker does not have, in order, beyond `after` when there is one; some of those given before may come again. */
  undelivered(limit: number, after: string | null): Promise<readonly Crossing[]>
  /** The broker has these. */
  delivered(ids: readonly string[]): void
}

const PAGE = 200

/** Crossings as history keeps them, read a page at a time: however many wait there, memory holds one page. */
export class CrossingLane implements EventLane {
  readonly #source: UndeliveredCrossings
  #page: StreamEvent[] = []
  /** The last of the pages read. */
  #after: string | null = null
  readonly #underWay = new Set<string>()
  #mayHaveMore = true
  #reading = false
  /** Pages read before a rewind are of no use. */
  #walk = 0

  constructor(source: UndeliveredCrossings) {
    this.#source = source
  }

  /** Nobody knows what is next before a page has been read. */
  get unread(): boolean {
    return this.#reading || (this.#page.length === 0 && this.#mayHaveMore)
  }

  /** There are new ones in history. */
  wake(): void {
    this.#mayHaveMore = true
  }

  /** Reads the next page; false: one is being read already, or none is needed. */
  async read(): Promise<boolean> {
    if (this.#reading || !this.unread) return false
    this.#reading = true
    this.#mayHaveMore = false
    const walk = this.#walk
    // What is acknowledged while history reads may be in the page all the same.
    const sentBefore = new Set(this.#underWay)
    const crossings = await this.#source.undelivered(PAGE, this.#after)
    this.#reading = false
    if (walk !== this.#walk) return true
    if (crossings.length >= PAGE) this.#mayHaveMore = true
    this.#after = crossings.at(-1)?.id ?? this.#after
    this.#page = crossings.filter(({ id }) => !sentBefore.has(id)).map(crossingEvent)
    return true
  }

  peek(): StreamEvent | undefined {
    return this.#page[0]
  }

  take(): StreamEvent | undefined {
    const event = this.#page.shift()
    if (event) this.#underWay.add(event.id)
    return event
  }

  acknowledged({ id }: StreamEvent): void {
    this.#underWay.delete(id)
    this.#source.delivered([id])
  }

  rewind(): void {
    this.#walk++
    this.#page = []
    this.#after = null
    this.#underWay.clear()
    this.#mayHaveMore = true
  }
}
