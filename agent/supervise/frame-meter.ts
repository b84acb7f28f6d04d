/** Frames that have entered a ring: how many since the start, how many a second. */
export class FrameMeter {
  readonly #samples: { readonly timeMs: number; readonly total: number }[] = []
  #total = 0
  #lastHead: number | null = null

  /** `head` of the ring at `timeMs`; null when there is no ring. A new ring begins at its own head. */
  see(head: number | null, timeMs: number): void {
    if (head !== null && this.#lastHead !== null && head > this.#lastHead) this.#total += head - this.#lastHead
    this.#lastHead = head
    this.#samples.push({ timeMs, total: this.#total })
    while ((this.#samples[0]?.timeMs ?? timeMs) < timeMs - WINDOW_MS) this.#samples.shift()
  }

  get total(): number {
    return this.#total
  }

  /** Frames a second over the last seconds. */
  get fps(): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (!first || !last || last.timeMs <= first.timeMs) return 0
    return ((last.total - first.total) * 1_000) / (last.timeMs - first.timeMs)
  }
}

const WINDOW_MS = 5_000
