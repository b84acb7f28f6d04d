/** Says whose word of the doorbell file is whose. Index 0 is nobody's: a ring that was told nothing rings it. */
export class DoorbellIndexes {
  readonly #count: number
  readonly #taken = new Set<number>()

  /** `count`: words in the file. */
  constructor(count: number) {
    this.#count = count
  }

  /** The lowest free index, or null when all waiters of the file are taken. */
  take(): number | null {
    for (let index = 1; index < this.#count; index++) {
      if (this.#taken.has(index)) continue
      this.#taken.add(index)
      return index
    }
    return null
  }

  give(index: number): void {
    this.#taken.delete(index)
  }
}
