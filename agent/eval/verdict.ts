const LOOK_EVERY_MS = 500

/** How something that many may end comes out: the first word counts. */
export class Verdict implements Disposable {
  /** Resolves or rejects with that word. */
  readonly settled: Promise<void>
  readonly #signal: AbortSignal
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  #aliveMs = performance.now()
  #looking: NodeJS.Timeout | null = null

  /** An abort of `signal` is a word too. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  succeed(): void {
    this.#resolve()
  }

  fail(error: unknown): void {
    this.#reject(error)
  }

  /** What `act` throws is the word. */
  attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.fail(error)
    }
  }

  /** A sign of life. */
  alive(): void {
    this.#aliveMs = performance.now()
  }

  /** Without a sign of life for `limitMs` it fails with what `fault` says then. */
  watchSilence(limitMs: number, fault: () => Error): void {
    this.#looking = setInterval(() => {
      if (performance.now() - this.#aliveMs > limitMs) this.fail(fault())
    }, LOOK_EVERY_MS)
  }

  /** Nothing counts any more. */
  [Symbol.dispose](): void {
    if (this.#looking) clearInterval(this.#looking)
    this.#signal.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.fail(this.#signal.reason)
}
