import type { Fault } from '../errors.ts'
import type { Log } from '../log.ts'

/** Says each fault once until it has passed: what is tried every second would else fill the log for days. */
export class FaultLog {
  readonly #log: Log
  readonly #what: string
  readonly #said = new Set<string>()
  #times = 0

  /** `what` begins each line, and is what works again. */
  constructor(what: string, log: Log) {
    this.#what = what
    this.#log = log
  }

  /** True: it was said, since it is news. */
  say(level: 'error' | 'warn', { code, message, remedy }: Fault): boolean {
    this.#times++
    const text = `${message} ${remedy}`
    if (this.#said.has(text)) return false
    this.#said.add(text)
    this.#log[level](`${this.#what}: ${text}`, { code })
    return true
  }

  /** It works: faults are news again. */
  passed(): void {
    if (this.#times > 0) this.#log.info(`${this.#what} works again after ${this.#times} ${this.#times === 1 ? 'fault' : 'faults'}`)
    this.#said.clear()
    this.#times = 0
  }
}
