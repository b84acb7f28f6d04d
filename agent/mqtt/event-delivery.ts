import { randomBytes } from 'node:crypto'
import type { Log } from '../log.ts'
import { CrossingLane, type UndeliveredCrossings } from './crossing-lane.ts'
import type { EventLane } from './event-lane.ts'
import { eventMessage, type Happening, type StreamEvent } from './events.ts'
import type { Delivery } from './link.ts'
import { MemoryLane } from './memory-lane.ts'

/** What delivery needs of the session. */
export interface EventTopics {
  /** There is a broker to hear it. */
  readonly online: boolean
  deliver(suffix: string, payload: string): Promise<Delivery>
  onOnline(listener: () => void): void
}

export interface EventDeliveryOptions {
  readonly topics: EventTopics
  readonly crossings: UndeliveredCrossings
  readonly log: Log
  /** What the ids of this run begin with; random by default, so that no run gives an id a second time. */
  readonly run?: string
  /** The pause after so many refusals in a row. */
  readonly refusedDelayMs?: (refusals: number) => number
}

/** Under way without an answer. The session looks after the broker's own limit. */
const MOST_UNDER_WAY = 16
const READ_PATIENCE_MS = 5_000
const FIRST_REFUSED_MS = 5_000
const LONGEST_REFUSED_MS = 300_000

/**
 * Tells what happens on `<stream>/event`: crossings from history, the rest from memory, together in order of time. A crossing counts as
 * delivered when the broker has said so, and only then; when the broker goes, or refuses, everything without an answer is said again from
 * the oldest on, so that every id arrives first in its place. A consumer knows a repeat by its id.
 */
export class EventDelivery implements Disposable {
  readonly #options: EventDeliveryOptions
  readonly #run: string
  readonly #crossings: CrossingLane
  readonly #memory = new MemoryLane()
  #numbered = 0
  #underWay = 0
  /** Something did not arrive: nothing more goes out before everything else has its answer. */
  #stumbled: Exclude<Delivery, 'acknowledged'> | null = null
  #refusals = 0
  #rest: NodeJS.Timeout | null = null
  /** History is reading, and has been for too long to wait for it. */
  #readsLong = false
  #droppedBefore = 0
  #closed = false

  constructor(options: EventDeliveryOptions) {
    this.#options = options
    this.#run = options.run ?? randomBytes(6).toString('hex')
    this.#crossings = new CrossingLane(options.crossings)
    options.topics.onOnline(() => this.#resume())
    this.#pump()
  }

  /** Events that were not crossings and had to make room for newer ones while there was no broker. */
  get dropped(): number {
    return this.#memory.dropped
  }

  /** Takes an event that is no crossing; returns it with its id. At once. */
  tell(happening: Happening): StreamEvent {
    const event = { ...happening, id: `${this.#run}-e${++this.#numbered}` }
    this.#memory.add(event)
    if (this.dropped === this.#droppedBefore + 1)
      this.#options.log.warn('Events of zones and occupancy wait for the broker; the oldest are being dropped')
    this.#pump()
    return event
  }

  /** There are new crossings in history. */
  wake(): void {
    this.#crossings.wake()
    this.#pump()
  }

  /** Sends nothing more. Answers that still come are noted. */
  [Symbol.dispose](): void {
    this.#closed = true
    clearTimeout(this.#rest ?? undefined)
  }

  #pump(): void {
    // After a refusal one message goes ahead alone.
    const most = this.#refusals === 0 ? MOST_UNDER_WAY : 1
    while (!this.#closed && this.#options.topics.online && !this.#stumbled && !this.#rest && this.#underWay < most) {
      const lane = this.#nextLane()
      const event = lane?.take()
      if (!lane || !event) return
      void this.#send(lane, event)
    }
  }

  #nextLane(): EventLane | null {
    if (this.#crossings.unread && !this.#readsLong) {
      void this.#read()
      return null
    }
    const crossing = this.#crossings.peek()
    const incident = this.#memory.peek()
    if (crossing === undefined) return incident === undefined ? null : this.#memory
    return incident === undefined || crossing.atMs <= incident.atMs ? this.#crossings : this.#memory
  }

  async #read(): Promise<void> {
    const late = setTimeout(() => {
      this.#readsLong = true
      this.#pump()
    }, READ_PATIENCE_MS).unref()
    const hasRead = await this.#crossings.read()
    clearTimeout(late)
    if (!hasRead) return
    this.#readsLong = false
    this.#pump()
  }

  async #send(lane: EventLane, event: StreamEvent): Promise<void> {
    const { suffix, payload } = eventMessage(event)
    this.#underWay++
    const delivery = await this.#options.topics.deliver(suffix, payload)
    this.#underWay--
    if (delivery === 'acknowledged') this.#arrived(lane, event)
    else this.#stumbled = delivery
    if (this.#stumbled && this.#underWay === 0) this.#stepBack(this.#stumbled)
    this.#pump()
  }

  #arrived(lane: EventLane, event: StreamEvent): void {
    lane.acknowledged(event)
    if (!this.#stumbled) this.#refusals = 0
    const dropped = this.dropped - this.#droppedBefore
    if (dropped === 0) return
    this.#droppedBefore = this.dropped
    this.#options.log.warn('Events of zones and occupancy were dropped while the broker did not take them', { dropped })
  }

  /** Everything without an answer goes out again: at once on the next connection, else after a pause. */
  #stepBack(stumbled: 'refused' | 'lost'): void {
    this.#stumbled = null
    this.#crossings.rewind()
    this.#memory.rewind()
    if (stumbled === 'lost' && !this.#options.topics.online) return
    const { refusedDelayMs = refusedPauseMs } = this.#options
    this.#rest = setTimeout(() => this.#resume(), refusedDelayMs(++this.#refusals)).unref()
  }

  #resume(): void {
    clearTimeout(this.#rest ?? undefined)
    this.#rest = null
    this.#pump()
  }
}

/** Who forgot us in an access list may take hours to see it; once corrected, crossings should not wait long. */
function refusedPauseMs(refusals: number): number {
  return Math.min(FIRST_REFUSED_MS * 2 ** (refusals - 1), LONGEST_REFUSED_MS)
}
