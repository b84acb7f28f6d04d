/** Frames of one stream that were inferred, and since when one waits for that. Times are CLOCK_MONOTONIC in milliseconds. */
export class InferenceWait {
  /** The newest inferred frame of the ring. */
  #inferredSeq = 0
  #total = 0
  #sinceMs: number | null = null

  /** Inferred since the start. */
  get total(): number {
    return this.#total
  }

  /** Since when a frame is there that is newer than the last inference; null: none is, or none come. */
  get sinceMs(): number | null {
    return this.#sinceMs
  }

  /** Another ring: its frames are numbered anew. */
  begin(): void {
    this.#inferredSeq = 0
  }

  inferred(seq: number): void {
    this.#total++
    this.#inferredSeq = seq
    this.#sinceMs = null
  }

  /** Frames come, and this is the newest. */
  see(head: number, nowMs: number): void {
    if (head > this.#inferredSeq) this.#sinceMs ??= nowMs
  }

  /** None come any more. */
  end(): void {
    this.#sinceMs = null
  }
}
