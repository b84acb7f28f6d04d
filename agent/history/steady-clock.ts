/** Both clocks of a machine. */
export interface Clock {
  /** Wall time, which somebody may set. */
  wallMs(): number
  /** Time that only passes. */
  steadyMs(): number
}

export const MACHINE_CLOCK: Clock = { wallMs: () => Date.now(), steadyMs: () => performance.now() }

const JUMP_MS = 60_000
const STEADY_MS = 3_600_000

/** Whether wall time can be believed enough to throw old things away: a clock that was set to the year 2099 makes everything old. */
export class ClockWatch {
  readonly #clock: Clock
  #sinceMs: number
  #offsetMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.steadyMs()
    this.#offsetMs = clock.wallMs() - this.#sinceMs
  }

  /** True when nobody has set it for an hour. */
  believed(): boolean {
    const steadyMs = this.#clock.steadyMs()
    const offsetMs = this.#clock.wallMs() - steadyMs
    if (Math.abs(offsetMs - this.#offsetMs) > JUMP_MS) this.#sinceMs = steadyMs
    this.#offsetMs = offsetMs
    return steadyMs - this.#sinceMs >= STEADY_MS
  }
}
