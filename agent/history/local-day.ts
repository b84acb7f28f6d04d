const DAY_MS = 86_400_000
const QUARTER_MS = 900_000

/** Days as the people of one time zone have them, those of 23 and 25 hours included. Clocks are set on quarters of an hour only. */
export class LocalDays {
  readonly #parts: Intl.DateTimeFormat
  #quarter = Number.NaN
  #offsetMs = 0
  #dayQuarter = Number.NaN
  #dayStartMs = 0

  /** `timeZone` is a name like Europe/Berlin, or auto for that of the system. */
  constructor(timeZone: string) {
    this.#parts = new Intl.DateTimeFormat('en-US', {
      ...(timeZone === 'auto' ? {} : { timeZone }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** The day of a moment, as 2026-03-29. */
  dayOf(atMs: number): string {
    return new Date(atMs + this.offsetMs(atMs)).toISOString().slice(0, 10)
  }

  /** When the day of a moment began. Cheap for moments in order: history asks for each minute of its days. */
  startOfDayMs(atMs: number): number {
    const quarter = Math.floor(atMs / QUARTER_MS)
    if (quarter !== this.#dayQuarter) {
      this.#dayQuarter = quarter
      this.#dayStartMs = this.#computeDayStartMs(quarter * QUARTER_MS)
    }
    return this.#dayStartMs
  }

  /** How far local clocks are ahead of UTC. */
  offsetMs(atMs: number): number {
    const quarter = Math.floor(atMs / QUARTER_MS)
    if (quarter !== this.#quarter) {
      this.#quarter = quarter
      this.#offsetMs = this.#computeOffsetMs(quarter * QUARTER_MS)
    }
    return this.#offsetMs
  }

  #computeDayStartMs(atMs: number): number {
    const day = this.dayOf(atMs)
    const midnightMs = Math.floor((atMs + this.offsetMs(atMs)) / DAY_MS) * DAY_MS
    // The clock may have been set since midnight, and where it is set at midnight that hour does not exist.
    const offsets = [atMs, midnightMs - this.offsetMs(atMs), atMs - DAY_MS].map((each) => this.offsetMs(each))
    const starts = offsets.map((offset) => midnightMs - offset).filter((start) => this.dayOf(start) === day)
    return Math.min(...starts, atMs)
  }

  #computeOffsetMs(atMs: number): number {
    const parts = new Map(this.#parts.formatToParts(atMs).map(({ type, value }) => [type, value]))
    const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name))
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
    return local - atMs
  }
}
