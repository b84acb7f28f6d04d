import type { Entry, LineTotals, Snapshot, Sum } from './records.ts'

/** So many days are remembered beside the running totals: more than one, since clocks are set back, too. */
const MOST_DAYS = 10
const RUNNING = ''

/** Totals of lines and people inside areas, stepped by the journal's entries. Pure: no clock, no file. */
export class Tally {
  /** By day (RUNNING for ever), then by stream and line; the day that was touched last stands last. */
  readonly #days = new Map<string, Map<string, Sum>>()
  readonly #insides = new Map<string, number>()

  /** Goes on from what was kept. */
  constructor({ sums, insides }: Snapshot = { sums: [], insides: {} }) {
    for (const sum of sums) this.#add(sum)
    for (const [area, value] of Object.entries(insides)) this.#insides.set(area, value)
  }

  apply(entry: Entry): void {
    if (entry.kind === 'reset') this.#reset(entry)
    else if (entry.kind === 'inside') this.#insides.set(entry.area, entry.value)
    else {
      for (const sum of entry.kind === 'carried' ? entry.sums : sumsOf(entry)) this.#add(sum)
      for (const [area, value] of Object.entries(entry.insides ?? {})) this.#insides.set(area, value)
    }
  }

  /** Zeros for a line that nobody has crossed yet. */
  totals(stream: string, line: string, day: string): LineTotals {
    const of = (each: string) => this.#days.get(each)?.get(keyOf(stream, line))
    const [running, today] = [of(RUNNING), of(day)]
    return { in: running?.in ?? 0, out: running?.out ?? 0, inToday: today?.in ?? 0, outToday: today?.out ?? 0 }
  }

  /** Undefined for an area that nobody has entered or set. */
  inside(area: string): number | undefined {
    return this.#insides.get(area)
  }

  snapshot(): Snapshot {
    return { sums: [...this.#days.values()].flatMap((lines) => [...lines.values()]), insides: Object.fromEntries(this.#insides) }
  }

  #add(sum: Sum): void {
    const lines = this.#days.get(sum.day) ?? new Map<string, Sum>()
    this.#days.delete(sum.day)
    this.#days.set(sum.day, lines)
    const key = keyOf(sum.stream, sum.line)
    const before = lines.get(key)
    lines.set(key, { ...sum, in: (before?.in ?? 0) + sum.in, out: (before?.out ?? 0) + sum.out })
    if (this.#days.size > MOST_DAYS + 1) this.#days.delete([...this.#days.keys()].find((day) => day !== RUNNING) ?? sum.day)
  }

  /** Today's are reset with the running ones: a total below that of the day would read as a fault. */
  #reset({ stream, line, day }: Entry & { kind: 'reset' }): void {
    for (const each of [RUNNING, day]) {
      const lines = this.#days.get(each) ?? new Map<string, Sum>()
      for (const [key, sum] of lines) {
        if ((stream ?? sum.stream) === sum.stream && (line ?? sum.line) === sum.line) lines.set(key, { ...sum, in: 0, out: 0 })
      }
    }
  }
}

/** What a crossing adds, to the running total and to its day. */
export function sumsOf({ crossing: { stream, line, direction }, day }: Entry & { kind: 'crossing' }): Sum[] {
  return [RUNNING, day].map((each) => ({ day: each, stream, line, in: direction === 'in' ? 1 : 0, out: direction === 'out' ? 1 : 0 }))
}

function keyOf(stream: string, line: string): string {
  return `${stream}/${line}`
}
