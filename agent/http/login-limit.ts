const WINDOW_MS = 60_000
const MOST_FAILURES = 10
const MOST_ADDRESSES = 1_000

/** Counts failed logins of each address: after ten in a minute it has to wait the minute out. Time is passed in. */
export class LoginLimit {
  readonly #failures = new Map<string, { count: number; readonly sinceMs: number }>()

  allows(address: string, nowMs: number): boolean {
    const seen = this.#failures.get(address)
    return seen === undefined || nowMs - seen.sinceMs >= WINDOW_MS || seen.count < MOST_FAILURES
  }

  failed(address: string, nowMs: number): void {
    const seen = this.#failures.get(address)
    if (seen !== undefined && nowMs - seen.sinceMs < WINDOW_MS) {
      seen.count += 1
      return
    }
    this.#failures.delete(address)
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size < MOST_ADDRESSES) break
      this.#failures.delete(oldest)
    }
    this.#failures.set(address, { count: 1, sinceMs: nowMs })
  }
}
