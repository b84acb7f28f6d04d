import type { EventLane } from './event-lane.ts'
import type { StreamEvent } from './events.ts'

const MOST_KEPT = 500

/** Events that are worth telling late, but not worth a place on the disk: the newest of them wait. */
export class MemoryLane implements EventLane {
  /** The oldest first; those that were given out are the first of them. */
  readonly #kept: StreamEvent[] = []
  #givenOut = 0
  #dropped = 0

  /** Events that had to make room for newer ones. */
  get dropped(): number {
    return this.#dropped
  }

  add(event: StreamEvent): void {
    this.#kept.push(event)
    if (this.#kept.length <= MOST_KEPT) return
    this.#kept.splice(this.#givenOut, 1)
    this.#dropped++
  }

  peek(): StreamEvent | undefined {
    return this.#kept[this.#givenOut]
  }

  take(): StreamEvent | undefined {
    const event = this.peek()
    if (event) this.#givenOut++
    return event
  }

  acknowledged(event: StreamEvent): void {
    const index = this.#kept.indexOf(event)
    if (index === -1 || index >= this.#givenOut) return
    this.#kept.splice(index, 1)
    this.#givenOut--
  }

  rewind(): void {
    this.#givenOut = 0
  }
}
