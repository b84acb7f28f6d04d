import { closeSync, openSync } from 'node:fs'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { partsOf } from './crossing-id.ts'
import type { Crossing, Entry, LineMinute, MinuteAggregate, Snapshot, Sum } from './records.ts'
import { migrate } from './schema.ts'
import { type Statements, statementsOf } from './statements.ts'
import { sumsOf } from './tally.ts'

/** Reading all of a larger file would hold up the start; its damage shows when the page is needed. */
const CHECKED_BYTES = 16_000_000
const PRUNED_AT_ONCE = 2_000
const MINUTES_AT_ONCE = 1_440

/** A crossing and where it lies in the file; places rise by one. */
export interface PlacedCrossing extends Crossing {
  readonly place: number
}

/** Entries that are in the file: all up to a number, and where crossings lie that were not there before. */
export interface Applied {
  readonly upTo: number
  readonly placed: readonly { readonly n: number; readonly place: number }[]
}

/** Minutes of one stream, `from` included, `to` not. */
export interface MinuteRange {
  readonly stream: string
  readonly from: number
  readonly to: number
}

export interface MinutesRead {
  readonly counts: readonly MinuteAggregate[]
  readonly lines: readonly LineMinute[]
  /** Where to read on. */
  readonly next: number
}

/** What a new file begins with when it takes the place of another. */
export interface Heritage extends Snapshot {
  readonly deliveredTo: number
  readonly nextPlace: number
  readonly undelivered: readonly PlacedCrossing[]
}

/** One open history file. Every method blocks until the disk has answered; failures of SQLite are thrown as they are. */
export class Store {
  readonly #database: Database
  readonly #do: Statements
  readonly #run: string
  #nextPlace: number
  #lastN: number
  /** Whether this opening made the file. */
  readonly isNew: boolean

  private constructor(database: Database, run: string, isNew: boolean) {
    this.#database = database
    this.#run = run
    this.isNew = isNew
    this.#do = statementsOf(database)
    this.#nextPlace = Math.max(Number(this.#do.newestPlace.get()), this.deliveredTo) + 1
    this.#lastN = Number(this.#do.newestOfRun.get({ run }) ?? 0)
  }

  /**
   * `run` names this run of the program: what it has stored already is not stored twice. `heritage` goes into a file that does not
   * exist yet, in the transaction that makes it.
   */
  static open(path: string, run: string, heritage: Heritage | null): Store {
    // SQLite would make it readable for everybody.
    closeSync(openSync(path, 'a', 0o600))
    const database = new SqliteDatabase(path, { timeout: 200 })
    try {
      // Nobody else may write here while we reckon with what we have read; no shared memory file either.
      database.pragma('locking_mode = EXCLUSIVE')
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = FULL')
      database.pragma('cache_size = -1000')
      database.pragma('journal_size_limit = 4194304')
      return Store.#ready(database, run, heritage)
    } catch (error) {
      database.close()
      throw error
    }
  }

  static #ready(database: Database, run: string, heritage: Heritage | null): Store {
    if (Number(database.pragma('page_count', { simple: true })) * 4096 <= CHECKED_BYTES) {
      const found = String(database.pragma('quick_check(1)', { simple: true }))
      if (found !== 'ok') throw new SqliteDatabase.SqliteError(found, 'SQLITE_CORRUPT')
    }
    return database.transaction(() => {
      const isNew = migrate(database) === 0
      const store = new Store(database, run, isNew)
      if (isNew && heritage) store.#inherit(heritage)
      return store
    })()
  }

  get deliveredTo(): number {
    return Number(this.#do.deliveredTo.get())
  }

  /** Totals of the newest days and for ever, and people inside. */
  snapshot(): Snapshot {
    const areas = this.#do.areas.all() as { area: string; inside: number }[]
    return { sums: this.#do.sums.all() as Sum[], insides: Object.fromEntries(areas.map(({ area, inside }) => [area, inside])) }
  }

  /**
   * Stores entries whole or not at all; on the disk when it returns. Those of this run that are there already are left out. How far the
   * broker is goes with them, since that costs nothing then.
   */
  apply(entries: readonly Entry[], deliveredTo: number): Applied {
    const upTo = entries.at(-1)?.n ?? 0
    const news = entries.filter(({ n }) => n > this.#lastN)
    const nextPlace = this.#nextPlace
    try {
      this.#database.pragma('synchronous = FULL')
      const placed = this.#database.transaction(() => {
        this.#do.deliver.run({ deliveredTo })
        return news.flatMap((entry) => this.#applyOne(entry))
      })()
      this.#lastN = Math.max(this.#lastN, upTo)
      return { upTo, placed }
    } catch (error) {
      this.#nextPlace = nextPlace
      throw error
    }
  }

  /** Stores what a power cut may cost: it is on the disk some time later, without the wait. */
  batch(minutes: readonly MinuteAggregate[], deliveredTo: number): void {
    this.#database.pragma('synchronous = NORMAL')
    this.#database.transaction(() => {
      for (const minute of minutes) this.#do.addMinute.run(minute)
      this.#do.deliver.run({ deliveredTo })
    })()
  }

  /** Crossings after a place, in order. */
  crossingsAfter(place: number, limit: number): PlacedCrossing[] {
    return this.#do.crossingsAfter.all({ place, limit }) as PlacedCrossing[]
  }

  /** The first day's worth of what there is within a range; null when there is nothing more. */
  minutes({ stream, from, to }: MinuteRange): MinutesRead | null {
    const first = this.#do.firstMinute.get({ from }) as number | null
    if (first === null || first >= to) return null
    const range = { stream, from: first, to: Math.min(to, first + MINUTES_AT_ONCE) }
    const [counts, lines] = [this.#do.minutes.all(range) as MinuteAggregate[], this.#do.lineMinutes.all(range) as LineMinute[]]
    return { counts, lines, next: range.to }
  }

  /**
   * Removes some of what is older than the cutoff. `after` is where to go on among the crossings: what a wrong clock has stamped
   * lies between them. Says where to go on, or null when nothing is left to do.
   */
  prune(cutoffMs: number, after: number): { readonly after: number } | null {
    const cutoff = Math.floor(cutoffMs / 60_000)
    this.#database.pragma('synchronous = NORMAL')
    return this.#database.transaction(() => {
      const upTo = this.#do.pruneEnd.get({ after, limit: PRUNED_AT_ONCE }) as number | null
      const crossings = upTo === null ? 0 : this.#do.pruneCrossings.run({ after, upTo, cutoffMs }).changes
      const young = upTo === null ? 1 : this.#do.young.get({ after, upTo, cutoffMs })
      const others =
        this.#do.pruneCorrections.run({ cutoffMs, limit: PRUNED_AT_ONCE }).changes +
        this.#do.pruneMinutes.run({ cutoff }).changes +
        this.#do.pruneLineMinutes.run({ cutoff }).changes
      this.#do.pruneSums.run()
      const end = upTo === null || (young !== undefined && crossings === 0)
      if (end && others === 0) return null
      return { after: end ? after : upTo }
    })()
  }

  close(): void {
    this.#database.close()
  }

  #applyOne(entry: Entry): { n: number; place: number }[] {
    const { n, atMs, day } = entry
    const run = this.#run
    if (entry.kind === 'crossing') {
      const { stream, line, direction, track } = entry.crossing
      const place = this.#nextPlace++
      this.#do.addCrossing.run({ place, run, n, atMs, stream, line, direction, track })
      const [{ in: ins, out: outs } = { in: 0, out: 0 }] = sumsOf(entry)
      this.#do.addLineMinute.run({ minute: Math.floor(atMs / 60_000), stream, line, in: ins, out: outs })
      this.#addSums(sumsOf(entry), entry.insides)
      return [{ n, place }]
    }
    const { stream, line, area, value, who } = { stream: null, line: null, area: null, value: null, who: null, ...entry }
    this.#do.addCorrection.run({ run, n, atMs, kind: entry.kind, stream, line, area, value, who })
    if (entry.kind === 'carried') this.#addSums(entry.sums, entry.insides)
    else if (entry.kind === 'inside') this.#do.setInside.run({ area, value })
    else this.#do.reset.run({ day, stream, line })
    return []
  }

  #addSums(sums: readonly Sum[], insides: Readonly<Record<string, number>> = {}): void {
    for (const sum of sums) this.#do.addSum.run(sum)
    for (const [area, value] of Object.entries(insides)) this.#do.setInside.run({ area, value })
  }

  #inherit({ sums, insides, deliveredTo, nextPlace, undelivered }: Heritage): void {
    this.#addSums(sums, insides)
    this.#do.deliver.run({ deliveredTo })
    for (const { id, place, atMs, stream, line, direction, track } of undelivered) {
      // Written by a commit that failed: it comes again by itself.
      if (place >= nextPlace) continue
      const [run, n] = partsOf(id)
      this.#do.addCrossing.run({ place, run, n, atMs, stream, line, direction, track })
    }
    this.#nextPlace = Math.max(nextPlace, this.#nextPlace)
  }

  get nextPlace(): number {
    return this.#nextPlace
  }
}
