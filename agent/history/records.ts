export type Direction = 'in' | 'out'

/** A person went over a line. `atMs` is wall time and only a label: nothing is computed from it but days and minutes. */
export interface CrossingSeen {
  readonly stream: string
  readonly line: string
  readonly direction: Direction
  readonly track: number
  readonly atMs: number
}

/** A crossing with the name that is its own for ever: a consumer that has seen the id has seen the crossing. */
export interface Crossing extends CrossingSeen {
  readonly id: string
}

export interface LineCounts {
  readonly in: number
  readonly out: number
}

/** What a line has counted: since it was last reset, and of that on the local day. */
export interface LineTotals extends LineCounts {
  readonly inToday: number
  readonly outToday: number
}

/** One stream's count in one minute (whole minutes since 1970). The three figures are null when it was not known for a moment. */
export interface MinuteAggregate {
  readonly stream: string
  readonly minute: number
  readonly least: number | null
  /** Weighted by time, over the time in which the count was known. */
  readonly mean: number | null
  readonly most: number | null
  readonly knownMs: number
  readonly unknownMs: number
}

/** What went over one line in one minute. */
export interface LineMinute {
  readonly stream: string
  readonly line: string
  readonly minute: number
  readonly in: number
  readonly out: number
}

/** Crossings of one line on one local day; the day '' is the running total. */
export interface Sum {
  readonly day: string
  readonly stream: string
  readonly line: string
  readonly in: number
  readonly out: number
}

/** What must outlive a restart, and a file that breaks. */
export interface Snapshot {
  readonly sums: readonly Sum[]
  /** People inside, by area. */
  readonly insides: Readonly<Record<string, number>>
}

interface Numbered {
  /** Rises within one run of the program; what the file has already is known by it. */
  readonly n: number
  readonly atMs: number
  /** The local day of atMs. */
  readonly day: string
}

/** One line of the journal, in the order in which things happened. Numbers and days come from the backlog. */
export type Entry = Numbered &
  (
    | { readonly kind: 'crossing'; readonly crossing: CrossingSeen; readonly insides?: Readonly<Record<string, number>> }
    | { readonly kind: 'reset'; readonly stream: string | null; readonly line: string | null; readonly who: string }
    | { readonly kind: 'inside'; readonly area: string; readonly value: number; readonly who: string }
    /** Crossings that were too many to be kept one by one while nothing could be written. */
    | { readonly kind: 'carried'; readonly sums: readonly Sum[]; readonly insides: Readonly<Record<string, number>> }
  )
