import type { Fault } from '../errors.ts'
import type { Log } from '../log.ts'
import { publishFault, subscribeFault } from './broker-faults.ts'

/** What the broker does not let us write or read on this connection. */
export class Refusals {
  readonly #url: string
  readonly #log: Log
  readonly #faults = new Map<string, Fault>()

  constructor(url: string, log: Log) {
    this.#url = url
    this.#log = log
  }

  /** The first of them; null: none. */
  get fault(): Fault | null {
    const [first] = this.#faults.values()
    return first ?? null
  }

  /** A topic was refused with this reason, or (null) taken. */
  written(topic: string, refusal: number | null): void {
    if (refusal === null) this.#faults.delete(`write ${topic}`)
    else this.#add(`write ${topic}`, publishFault(topic, refusal, this.#url))
  }

  /** What a filter covers is not to be heard. */
  unheard(filter: string): void {
    this.#add(`read ${filter}`, subscribeFault(filter, this.#url))
  }

  /** A new connection: the broker may think otherwise now. */
  clear(): void {
    this.#faults.clear()
  }

  /** The first is told: whoever has forgotten a line in an access list need not read of every topic. */
  #add(what: string, fault: Fault): void {
    if (this.#faults.size === 0) this.#log.warn(`${fault.message} ${fault.remedy} [${fault.code}]`)
    this.#faults.set(what, fault)
  }
}
