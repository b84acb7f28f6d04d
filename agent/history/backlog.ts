import type { CrossingSeen, Entry, Sum } from './records.ts'
import { sumsOf } from './tally.ts'

/** One transaction. */
const MOST_AT_ONCE = 1_000
/** Kept one by one while nothing can be written, some 10 MB; older ones are added up. */
const MOST_KEPT = 50_000
const FOLDED_AT_ONCE = 5_000

export type Unnumbered = Entry extends infer Each ? (Each extends Entry ? Omit<Each, 'n'> : never) : never

interface Waiting {
  readonly entry: Entry
  /** Entries of one call go into one transaction. */
  readonly call: number
  delivered: boolean
}

/** What the file does not have yet, in order and bounded. */
export class Backlog {
  readonly #mostKept: number
  #waiting: Waiting[] = []
  #n = 0
  #calls = 0
  #sentTo = 0
  /** Crossings that lost their own line: their sums are kept, they are not delivered. */
  folded = 0

  constructor(mostKept = MOST_KEPT) {
    this.#mostKept = mostKept
  }

  /** The number of the newest entry ever added. */
  get newest(): number {
    return this.#n
  }

  get size(): number {
    return this.#waiting.length
  }

  /** The entries with their numbers. */
  add(entries: readonly Unnumbered[]): Entry[] {
    const call = ++this.#calls
    const numbered = entries.map((entry): Entry => ({ ...entry, n: ++this.#n }))
    for (const entry of numbered) this.#waiting.push({ entry, call, delivered: false })
    return numbered
  }

  /** The oldest, whole calls only. They may be in the file from now on, even when it says no: they are not folded any more. */
  next(): Entry[] {
    let end = Math.min(MOST_AT_ONCE, this.#waiting.length)
    while (end < this.#waiting.length && this.#waiting[end]?.call === this.#waiting[end - 1]?.call) end++
    const next = this.#waiting.slice(0, end).map(({ entry }) => entry)
    this.#sentTo = Math.max(this.#sentTo, next.at(-1)?.n ?? 0)
    return next
  }

  /** The file has everything up to this number. Says which of those were delivered already. */
  stored(n: number): ReadonlySet<number> {
    const stored = this.#waiting.splice(0, this.#indexAfter(n))
    return new Set(stored.filter(({ delivered }) => delivered).map(({ entry }) => entry.n))
  }

  delivered(n: number): void {
    const waiting = this.#waiting[this.#indexAfter(n) - 1]
    if (waiting?.entry.n === n) waiting.delivered = true
  }

  /** Crossings after number `n` that nobody has acknowledged. */
  undelivered(n: number, limit: number): { n: number; crossing: CrossingSeen }[] {
    const found: { n: number; crossing: CrossingSeen }[] = []
    for (let index = this.#indexAfter(n); index < this.#waiting.length && found.length < limit; index++) {
      const { entry, delivered = true } = this.#waiting[index] ?? {}
      if (entry?.kind === 'crossing' && !delivered) found.push({ n: entry.n, crossing: entry.crossing })
    }
    return found
  }

  /** Entries beyond a number, up to another. */
  between(after: number, upTo: number): Entry[] {
    return this.#waiting.slice(this.#indexAfter(after), this.#indexAfter(upTo)).map(({ entry }) => entry)
  }

  /** Makes room when there are too many. Everything must have been counted before. */
  bound(): void {
    if (this.#waiting.length > this.#mostKept) this.#fold()
  }

  #indexAfter(n: number): number {
    let [low, high] = [0, this.#waiting.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#waiting[middle]?.entry.n ?? 0) > n) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Makes one entry of the oldest crossings that follow each other; a reset between them keeps its place. */
  #fold(): void {
    const first = this.#waiting.findIndex(({ entry }) => entry.kind === 'crossing' && entry.n > this.#sentTo)
    if (first === -1) return
    const before = this.#waiting[first - 1]?.entry
    const from = before?.kind === 'carried' && before.n > this.#sentTo ? first - 1 : first
    let end = first
    while (end - first < FOLDED_AT_ONCE && this.#waiting[end]?.entry.kind === 'crossing') end++
    const run = this.#waiting.slice(from, end)
    const last = run.at(-1)
    if (last === undefined) return
    this.folded += end - first
    this.#waiting.splice(from, run.length, {
      ...last,
      delivered: true,
      entry: carried(
        run.map(({ entry }) => entry),
        last.entry,
      ),
    })
  }
}

function carried(entries: readonly Entry[], { n, atMs, day }: Entry): Entry {
  const sums = new Map<string, Sum>()
  let insides: Readonly<Record<string, number>> = {}
  for (const entry of entries) {
    if (entry.kind !== 'crossing' && entry.kind !== 'carried') continue
    for (const sum of entry.kind === 'carried' ? entry.sums : sumsOf(entry)) {
      const key = [sum.day, sum.stream, sum.line].join('/')
      const before = sums.get(key)
      sums.set(key, { ...sum, in: (before?.in ?? 0) + sum.in, out: (before?.out ?? 0) + sum.out })
    }
    insides = { ...insides, ...entry.insides }
  }
  return { kind: 'carried', n, atMs, day, sums: [...sums.values()], insides }
}
