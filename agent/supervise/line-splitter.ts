/** Longer lines are cut: whatever a process prints, memory has an end. Of GStreamer's lines the longest that was seen has 2,440 bytes. */
const LONGEST_LINE_BYTES = 8_192
const LINE_FEED = 0x0a

/** One line: its bytes without the line feed, to be read before the call returns; `cut`: it was longer. */
export type OnLine = (bytes: Buffer, cut: boolean) => void

/** Makes lines of bytes that come in pieces. Lines are made of bytes, so that a character which comes in two pieces stays one. */
export class LineSplitter {
  readonly #onLine: OnLine
  /** The begin of a line whose end is still to come. */
  readonly #begun = Buffer.allocUnsafe(LONGEST_LINE_BYTES)
  #begunBytes = 0
  #cut = false

  constructor(onLine: OnLine) {
    this.#onLine = onLine
  }

  push(piece: Buffer): void {
    let start = 0
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, start)) {
      const rest = piece.subarray(start, end)
      if (this.#begunBytes === 0 && rest.length <= LONGEST_LINE_BYTES) this.#onLine(rest, false)
      else {
        this.#keep(rest)
        this.flush()
      }
      start = end + 1
    }
    this.#keep(piece.subarray(start))
  }

  /** What was printed last may have no line feed. */
  flush(): void {
    if (this.#begunBytes > 0) this.#onLine(this.#begun.subarray(0, this.#begunBytes), this.#cut)
    this.#begunBytes = 0
    this.#cut = false
  }

  #keep(piece: Buffer): void {
    const taken = piece.copy(this.#begun, this.#begunBytes)
    this.#begunBytes += taken
    if (taken < piece.length) this.#cut = true
  }
}
