/** How one message is handed to the broker; true when it has it. */
export type Deliver = (topic: string, payload: string) => Promise<boolean>

/** Fewer than brokers allow at once by default (mosquitto: 20). */
const MOST_IN_FLIGHT = 16

/**
 * The retained topics of this agent: the newest payload of each, and whether the broker has it. While there is no connection
 * nothing queues up, because a topic is one entry however often it changes.
 */
export class Outbox {
  /** An empty payload is a topic taken back; it is forgotten when the broker knows. */
  readonly #wanted = new Map<string, string>()
  readonly #due = new Set<string>()
  readonly #inFlight = new Set<string>()
  #deliver: Deliver | null = null

  /** Sets the payload of a topic; `repeat` sends it although the broker has it already. */
  set(topic: string, payload: string, repeat = false): void {
    if (this.#wanted.get(topic) === payload && !repeat) return
    this.#wanted.set(topic, payload)
    this.#due.add(topic)
    this.#pump()
  }

  /** Takes a topic back at the broker. */
  clear(topic: string): void {
    this.set(topic, '')
  }

  /** A new connection: the broker may have lost everything, so everything is due, and `last` after all else. */
  connect(deliver: Deliver, last: { readonly topic: string; readonly payload: string }): void {
    this.#deliver = deliver
    this.#inFlight.clear()
    this.#wanted.delete(last.topic)
    this.#wanted.set(last.topic, last.payload)
    this.#due.clear()
    for (const topic of this.#wanted.keys()) this.#due.add(topic)
    this.#pump()
  }

  disconnect(): void {
    this.#deliver = null
    this.#inFlight.clear()
  }

  /** Everything has reached the broker. */
  get settled(): boolean {
    return this.#due.size === 0 && this.#inFlight.size === 0
  }

  #pump(): void {
    const deliver = this.#deliver
    if (!deliver) return
    for (const topic of this.#due) {
      if (this.#inFlight.size >= MOST_IN_FLIGHT) return
      // Its answer comes first: two payloads of one topic are never under way together.
      if (!this.#inFlight.has(topic)) void this.#send(topic, deliver)
    }
  }

  async #send(topic: string, deliver: Deliver): Promise<void> {
    const payload = this.#wanted.get(topic) ?? ''
    this.#due.delete(topic)
    this.#inFlight.add(topic)
    const delivered = await deliver(topic, payload)
    if (deliver !== this.#deliver) return // Of a connection that is gone; the next one sends everything anyway.
    this.#inFlight.delete(topic)
    if (delivered && payload === '' && this.#wanted.get(topic) === '') this.#wanted.delete(topic)
    this.#pump()
  }
}
