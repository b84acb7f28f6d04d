import { AgentError } from './errors.ts'

/** Does one thing after the other. Nobody waits for ever behind one that hangs: it is over when it is over. */
export class Turns {
  readonly #limitMs: number
  readonly #nowMs: () => number
  #last: Promise<void> = Promise.resolve()
  /** When the turn under way began; null: none is. */
  #begunMs: number | null = null

  /** `limitMs` is how long somebody waits for his turn at most; `nowMs` any steady clock. */
  constructor(limitMs: number, nowMs = () => performance.now()) {
    this.#limitMs = limitMs
    this.#nowMs = nowMs
  }

  /** Does it when all before is done. Throws CONFLICT when the turn does not come in time: then it is not done later either. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#begunMs !== null && this.#nowMs() - this.#begunMs >= this.#limitMs) return Promise.reject(this.#tooLong())
    return new Promise((resolve, reject) => {
      let isLate = false
      const limit = setTimeout(() => {
        isLate = true
        reject(this.#tooLong())
      }, this.#limitMs).unref()
      this.#last = this.#last.then(async () => {
        clearTimeout(limit)
        if (isLate) return
        this.#begunMs = this.#nowMs()
        const over = () => {
          this.#begunMs = null
        }
        // Before anybody hears of it: who comes then need not wait.
        await work().finally(over).then(resolve, reject)
      })
    })
  }

  #tooLong(): AgentError {
    return new AgentError('CONFLICT', `An earlier change is under way for more than ${this.#limitMs / 1_000} s; this one was not made.`, {
      remedy: 'Try again. If that lasts, look into "sudo dmesg": the disk of the state folder does not answer.',
    })
  }
}
