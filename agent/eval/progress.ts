interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const EVERY_MS = 200
const WIPE = '\r\u001B[K'

/** One line on a terminal that says how far it is, wiped at the end; elsewhere nothing. */
export class Progress implements Disposable {
  readonly #terminal: Terminal | null
  #shownMs = -Infinity

  constructor(output: Terminal) {
    this.#terminal = output.isTTY === true ? output : null
  }

  /** At most five times a second. */
  show(done: number, all: number): void {
    const nowMs = performance.now()
    if (this.#terminal === null || nowMs - this.#shownMs < EVERY_MS) return
    this.#shownMs = nowMs
    this.#terminal.write(`${WIPE}frame ${done} of ${all}, ${Math.floor((100 * done) / all)} %`)
  }

  [Symbol.dispose](): void {
    if (this.#shownMs > -Infinity) this.#terminal?.write(WIPE)
  }
}
