import { randomBytes } from 'node:crypto'
import type { Fault } from '../errors.ts'
import { type Bucket, BucketGatherer, type BucketSize, bucketStartMs } from './buckets.ts'
import { crossingId } from './crossing-id.ts'
import { asError } from './history-fault.ts'
import { Journal } from './journal.ts'
import type { Outcome } from './keeper.ts'
import { LocalDays } from './local-day.ts'
import type { Crossing, CrossingSeen, LineTotals, MinuteAggregate } from './records.ts'
import { type Clock, ClockWatch, MACHINE_CLOCK } from './steady-clock.ts'
import type { MinutesRead } from './store.ts'

const BATCH_MS = 10_000
const PRUNE_MS = 3_600_000
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Minutes are written together; a power cut costs at most so many of them, and never a crossing. */
const MINUTES_AT_ONCE = 5
/** Kept while nothing can be written: some hours of many streams. */
const MOST_MINUTES = 20_000
const MOST_HANDED_OUT = 1_000

export interface HistoryOptions {
  readonly folder: string
  readonly keepDays: number
  /** A name like Europe/Berlin, or auto. */
  readonly timeZone: string
  readonly clock?: Clock
  /** What is wrong now, null when it works again. Said at each change. */
  readonly changed?: (fault: Fault | null) => void
  /** A file that had to be left behind; a new one was begun. */
  readonly left?: (fault: Fault) => void
}

/**
 * Everything that must outlive a restart: crossings and what the broker has of them, totals, people inside areas, minutes. One
 * SQLite file in the state folder. Whatever happens to that file, counting goes on in memory and is stored when it can be.
 */
export class History implements AsyncDisposable {
  readonly #journal: Journal
  readonly #days: LocalDays
  readonly #clock: Clock
  readonly #keepMs: number
  readonly #timers: NodeJS.Timeout[] = []
  #minutes: MinuteAggregate[] = []
  #batchedTo = 0

  private constructor({ folder, keepDays, timeZone, clock = MACHINE_CLOCK, changed, left }: HistoryOptions) {
    this.#days = new LocalDays(timeZone)
    this.#clock = clock
    this.#keepMs = keepDays * DAY_MS
    // New in each run: a card that forgets what it had promised to keep must not give an id a second time.
    const run = randomBytes(6).toString('hex')
    this.#journal = new Journal({ folder, run }, { changed: changed ?? (() => undefined), left: left ?? (() => undefined) })
    const watch = new ClockWatch(clock)
    const every = (ms: number, task: () => Promise<unknown>) => this.#timers.push(setInterval(() => void task(), ms).unref())
    every(BATCH_MS, () => this.#batch(MINUTES_AT_ONCE))
    every(PRUNE_MS, async () => watch.believed() && (await this.prune()))
  }

  /** Opens the file, or waits at most two seconds for it: a disk that fails is a fault of the history, not of the start. */
  static async open(options: HistoryOptions): Promise<History> {
    const history = new History(options)
    await history.#journal.opened()
    return history
  }

  /** What is wrong now; null when everything is stored. */
  get fault(): Fault | null {
    return this.#journal.fault
  }

  /**
   * Counts crossings, which are one transaction with the people then inside the areas concerned. They are on the disk when this
   * returns, and may then be told; with a fault they are in memory, and may be told as well. Totals rise at the same moment.
   */
  async commitCrossings(seen: readonly CrossingSeen[], insides: Readonly<Record<string, number>> = {}): Promise<Crossing[]> {
    const entries = seen.map((crossing, index) => ({
      kind: 'crossing' as const,
      ...this.#stamp(crossing.atMs),
      crossing: { ...crossing, atMs: Math.round(crossing.atMs) },
      ...(index === seen.length - 1 ? { insides } : {}),
    }))
    const numbers = await this.#journal.write(entries)
    return seen.map((crossing, index) => ({ ...crossing, id: crossingId(this.#journal.run, numbers[index] ?? 0) }))
  }

  /** Sets totals back to zero, today's as well: of one line, of one stream's lines (`line` null), or of all. */
  async resetTotals(stream: string | null, line: string | null, who: string): Promise<void> {
    await this.#journal.write([{ kind: 'reset', ...this.#stamp(), stream, line, who }])
  }

  /** Somebody says how many people are inside. */
  async setInside(area: string, value: number, who: string): Promise<void> {
    await this.#journal.write([{ kind: 'inside', ...this.#stamp(), area, value, who }])
  }

  /** Null while they are not known, since the file could not be read yet. */
  totals(stream: string, line: string): LineTotals | null {
    return this.#journal.tally?.totals(stream, line, this.#days.dayOf(this.#clock.wallMs())) ?? null
  }

  /** People inside an area as last committed or set: 0 for one that is new, null while it is not known. */
  inside(area: string): number | null {
    const tally = this.#journal.tally
    return tally === null ? null : (tally.inside(area) ?? 0)
  }

  /** Takes minutes that are over; they are written some minutes later, together. */
  addMinutes(minutes: readonly MinuteAggregate[]): void {
    this.#minutes.push(...minutes)
    if (this.#minutes.length > MOST_MINUTES) this.#minutes.splice(0, this.#minutes.length - MOST_MINUTES)
  }

  /**
   * The oldest crossings that the broker has not acknowledged, at most 1000, in the order in which they were committed; those
   * after `after` when there is one. After a restart some come again.
   */
  undelivered(limit: number, after: string | null = null): Promise<Crossing[]> {
    return this.#journal.undelivered(Math.min(limit, MOST_HANDED_OUT), after)
  }

  /** The broker has them. Kept with the next crossing, or some seconds later, so that a few may come again after a crash. */
  delivered(ids: readonly string[]): void {
    for (const id of ids) this.#journal.delivered(id)
  }

  /** One stream's buckets in order, read a day at a time. Buckets without a word are left out. Fails with the fault of a file that cannot be read. */
  async *query({
    stream,
    fromMs,
    toMs,
    bucket,
  }: {
    stream: string
    fromMs: number
    toMs: number
    bucket: BucketSize
  }): AsyncGenerator<Bucket> {
    await this.#batch(0)
    const gatherer = new BucketGatherer(bucket, this.#days)
    const [first, end] = [bucketStartMs(fromMs, bucket, this.#days) / MINUTE_MS, Math.ceil(toMs / MINUTE_MS)]
    for (let from = first; ; ) {
      const outcome: Outcome<MinutesRead | null> = await this.#journal.ask('minutes', { stream, from, to: end })
      if (outcome.fault) throw asError(outcome.fault)
      if (outcome.value === null) break
      gatherer.add(outcome.value.counts, outcome.value.lines)
      from = outcome.value.next
      yield* gatherer.take(from * MINUTE_MS)
    }
    yield* gatherer.take()
  }

  /** Removes what is older than `keepDays`, a little at a time. By itself every hour, once the clock can be believed. */
  async prune(): Promise<void> {
    const cutoffMs = this.#clock.wallMs() - this.#keepMs
    let after: number | null = 0
    while (after !== null) {
      const outcome: Outcome<{ after: number } | null> = await this.#journal.ask('prune', { cutoffMs, after })
      after = outcome.fault ? null : (outcome.value?.after ?? null)
    }
  }

  /** Writes what waits and closes the file, within some seconds even when the disk hangs. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    void this.#batch(0)
    await this.#journal[Symbol.asyncDispose]()
  }

  #stamp(atMs = this.#clock.wallMs()): { atMs: number; day: string } {
    return { atMs: Math.round(atMs), day: this.#days.dayOf(atMs) }
  }

  /** Writes minutes when they span enough, and how far the broker is when that has changed. */
  async #batch(minutesAtOnce: number): Promise<void> {
    const oldest = this.#minutes[0]
    const newest = this.#minutes.at(-1)
    const due = oldest !== undefined && newest !== undefined && Math.abs(newest.minute - oldest.minute) + 1 >= minutesAtOnce
    const deliveredTo = this.#journal.deliveredTo
    if (!due && deliveredTo === this.#batchedTo) return
    const minutes = due ? this.#minutes.splice(0) : []
    const outcome = await this.#journal.ask('batch', { minutes, deliveredTo })
    if (outcome.fault === undefined) this.#batchedTo = deliveredTo
    else this.#minutes.unshift(...minutes)
  }
}
