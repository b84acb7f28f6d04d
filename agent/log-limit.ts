export interface LogLimitOptions {
  /** So many lines pass at once. */
  readonly burst: number
  /** After them one in so long. */
  readonly everyMs: number
}

/** How many lines somebody outside may cause. Time is passed in: milliseconds of any steady clock. */
export class LogLimit {
  readonly #options: LogLimitOptions
  #left: number
  #sinceMs = Number.NEGATIVE_INFINITY

  constructor(options: LogLimitOptions) {
    this.#options = options
    this.#left = options.burst
  }

  /** True: one more may be written, and counts as written. */
  allows(nowMs: number): boolean {
    const { burst, everyMs } = this.#options
    this.#left = Math.min(this.#left + Math.max(nowMs - this.#sinceMs, 0) / everyMs, burst)
    this.#sinceMs = nowMs
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
