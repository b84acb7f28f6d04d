import type { Fault } from '../errors.ts'
import type { Log } from '../log.ts'

/** So many turns of failing and working in so long are told each; what comes and goes more often is told once a while. */
const MOST_TURNS = 3
const TURNS_MS = 600_000
const AGAIN_AFTER_MS = 60_000
/** So many different texts are known to have been said: one that is never twice the same must not fill the memory. */
const MOST_TEXTS = 100

/** Says each fault once until it has passed: what is tried every second would else fill the log for days. */
export class FaultLog {
  readonly #log: Log
  readonly #what: string
  readonly #nowMs: () => number
  /** Texts that were said since it worked last. */
  readonly #said = new Set<string>()
  /** When a text was said lately. */
  readonly #saidMs = new Map<string, number>()
  /** When the turns that were told ended. */
  #turnsMs: number[] = []
  #times = 0

  /** `what` begins each line, and is what works again. `nowMs` is any steady clock. */
  constructor(what: string, log: Log, nowMs = () => performance.now()) {
    this.#log = log
    this.#what = what
    this.#nowMs = nowMs
  }

  /** True: it was said, since it is news. */
  say(level: 'error' | 'warn', { code, message, remedy }: Fault): boolean {
    this.#times++
    const text = `${message} ${remedy}`
    if (this.#said.has(text) || this.#isOld(text)) return false
    if (this.#said.size >= MOST_TEXTS) this.#said.clear()
    this.#said.add(text)
    this.#saidMs.set(text, this.#nowMs())
    this.#log[level](`${this.#what}: ${text}`, { code })
    return true
  }

  /** It works: faults are news again. */
  passed(): void {
    if (this.#said.size === 0) return
    this.#log.info(`${this.#what} works again after ${this.#times} ${this.#times === 1 ? 'fault' : 'faults'}`)
    this.#turnsMs.push(this.#nowMs())
    this.#said.clear()
    this.#times = 0
  }

  #isOld(text: string): boolean {
    const nowMs = this.#nowMs()
    this.#turnsMs = this.#turnsMs.filter((atMs) => nowMs - atMs < TURNS_MS)
    for (const [each, atMs] of this.#saidMs) if (nowMs - atMs >= AGAIN_AFTER_MS) this.#saidMs.delete(each)
    return this.#turnsMs.length >= MOST_TURNS && this.#saidMs.has(text)
  }
}
