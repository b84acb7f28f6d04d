import type { LocalDays } from './local-day.ts'
import type { LineCounts, LineMinute, MinuteAggregate } from './records.ts'

const MINUTE_MS = 60_000

/** Minutes that a bucket can have, beside the local day. They divide an hour, so that a clock that is set leaves them whole. */
export const BUCKETS = ['minute', '5minutes', '15minutes', 'hour', 'day'] as const
export type BucketSize = (typeof BUCKETS)[number]

const MINUTES: Readonly<Record<Exclude<BucketSize, 'day'>, number>> = { minute: 1, '5minutes': 5, '15minutes': 15, hour: 60 }

/** One stream over one stretch of time. The three figures are null when the count was not known for a moment. */
export interface Bucket {
  readonly fromMs: number
  readonly least: number | null
  readonly mean: number | null
  readonly most: number | null
  readonly knownSeconds: number
  readonly unknownSeconds: number
  readonly lines: Readonly<Record<string, LineCounts>>
}

/** When the bucket of a moment begins; hours and days are those of local clocks. */
export function bucketStartMs(atMs: number, size: BucketSize, days: LocalDays): number {
  if (size === 'day') return days.startOfDayMs(atMs)
  const lengthMs = MINUTES[size] * MINUTE_MS
  const offsetMs = days.offsetMs(atMs)
  return Math.floor((atMs + offsetMs) / lengthMs) * lengthMs - offsetMs
}

/** Gathers minutes that come in order into buckets. */
export class BucketGatherer {
  readonly #startMs: (atMs: number) => number
  readonly #open = new Map<number, Gathered>()

  constructor(size: BucketSize, days: LocalDays) {
    this.#startMs = (atMs) => bucketStartMs(atMs, size, days)
  }

  add(counts: readonly MinuteAggregate[], lines: readonly LineMinute[]): void {
    for (const count of counts) this.#at(count.minute).count(count)
    for (const line of lines) this.#at(line.minute).line(line)
  }

  /** Buckets that begin before this moment's own, in order; all without one. */
  take(untilMs = Number.POSITIVE_INFINITY): Bucket[] {
    const endMs = Number.isFinite(untilMs) ? this.#startMs(untilMs) : untilMs
    const done = [...this.#open].filter(([fromMs]) => fromMs < endMs).sort(([a], [b]) => a - b)
    for (const [fromMs] of done) this.#open.delete(fromMs)
    return done.map(([fromMs, gathered]) => gathered.bucket(fromMs))
  }

  #at(minute: number): Gathered {
    const fromMs = this.#startMs(minute * MINUTE_MS)
    const gathered = this.#open.get(fromMs) ?? new Gathered()
    this.#open.set(fromMs, gathered)
    return gathered
  }
}

class Gathered {
  readonly #lines = new Map<string, LineCounts>()
  #least: number | null = null
  #most: number | null = null
  #countMs = 0
  #knownMs = 0
  #unknownMs = 0

  count({ least, mean, most, knownMs, unknownMs }: MinuteAggregate): void {
    if (least !== null) this.#least = Math.min(this.#least ?? least, least)
    if (most !== null) this.#most = Math.max(this.#most ?? most, most)
    this.#countMs += (mean ?? 0) * knownMs
    this.#knownMs += knownMs
    this.#unknownMs += unknownMs
  }

  line({ line, in: ins, out: outs }: LineMinute): void {
    const before = this.#lines.get(line)
    this.#lines.set(line, { in: (before?.in ?? 0) + ins, out: (before?.out ?? 0) + outs })
  }

  bucket(fromMs: number): Bucket {
    return {
      fromMs,
      least: this.#least,
      mean: this.#knownMs > 0 ? this.#countMs / this.#knownMs : null,
      most: this.#most,
      knownSeconds: Math.round(this.#knownMs / 1000),
      unknownSeconds: Math.round(this.#unknownMs / 1000),
      lines: Object.fromEntries(this.#lines),
    }
  }
}
