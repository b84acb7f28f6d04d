/** Room for the start of a capture with one category of GStreamer at its highest level, or all of them at INFO. */
const BURST_BYTES = 1_048_576
/** Then so much goes on: some five hundred lines a second. To mask them takes the agent below 3 % of a processor's time. */
const BYTES_A_SECOND = 131_072
/** A line costs more than its letters. */
const LINE_BYTES = 64

/** How much of what a process prints is shown: what was saved up, then so much a second. Time is an argument, in milliseconds. */
export class PrintBudget {
  #bytes = BURST_BYTES
  #countedMs: number
  #spent = false

  constructor(nowMs: number) {
    this.#countedMs = nowMs
  }

  /** Whether a line is shown. Once one was not, none is until there is room for those of a second: pieces that hang together are read. */
  allows(lineBytes: number, nowMs: number): boolean {
    this.#bytes = Math.min(BURST_BYTES, this.#bytes + ((nowMs - this.#countedMs) / 1_000) * BYTES_A_SECOND)
    this.#countedMs = nowMs
    if (this.#spent && this.#bytes < BYTES_A_SECOND) return false
    const cost = lineBytes + LINE_BYTES
    this.#spent = cost > this.#bytes
    if (!this.#spent) this.#bytes -= cost
    return !this.#spent
  }
}
