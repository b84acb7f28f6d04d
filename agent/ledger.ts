import { type Area, type Inside, insideOf, type Passage, setInside, stepInside } from './counting/areas.ts'
import type { Crossing as LineCrossing } from './counting/lines.ts'
import type { SceneEvent } from './counting/scene.ts'
import type { History } from './history/history.ts'
import { MinuteMeter } from './history/minute-meter.ts'
import type { Crossing, CrossingSeen, LineTotals } from './history/records.ts'
import { monotonicMs } from './ring/monotonic.ts'

/** What the ledger needs of history. */
export type Records = Pick<History, 'commitCrossings' | 'resetTotals' | 'setInside' | 'totals' | 'inside' | 'addMinutes'>

/** Something that happened and is told once, but not kept. */
export type Incident = Exclude<SceneEvent, LineCrossing>

export interface LedgerParts {
  readonly history: Records
  readonly areas: readonly Area[]
  /** Crossings are in history and may be told. */
  readonly onCommitted: (crossings: readonly Crossing[]) => void
  /** Totals or people inside are others than before. */
  readonly onChange: () => void
  /** In order; at once. */
  readonly onIncident: (stream: string, incident: Incident) => void
}

/** Crossings and corrections that wait for the number of people inside to be read; more crossings are only counted in their totals. */
const MOST_MISSED = 10_000

type Step = (before: Inside) => Inside

/**
 * Books what happens in front of the cameras: crossings, and who is then inside the areas, into history before anybody is told; counts
 * into minutes. Everything else is passed on.
 */
export class Ledger implements Disposable {
  readonly #parts: LedgerParts
  readonly #minutes = new Map<string, MinuteMeter>()
  /** With all that is on its way into history; null while history cannot say what it has. */
  #inside: Inside | null = null
  /** What changed it in the meantime, in order. */
  readonly #missed: Step[] = []

  constructor(parts: LedgerParts) {
    this.#parts = parts
  }

  /** Takes what happened on one stream; times are wall time in milliseconds since 1970. */
  record(stream: string, events: readonly SceneEvent[]): void {
    const crossings = events.filter(isCrossing)
    if (crossings.length > 0) void this.#commit(stream, crossings)
    for (const event of events) if (!isCrossing(event)) this.#parts.onIncident(stream, event)
  }

  /** From now on the count of a stream is this, null while it is not known. To be told at least once a minute. */
  observe(stream: string, count: number | null): void {
    const meter = this.#minutes.get(stream) ?? new MinuteMeter(stream)
    this.#minutes.set(stream, meter)
    const minutes = meter.observe({ count, wallMs: Date.now(), steadyMs: monotonicMs() })
    if (minutes.length > 0) this.#parts.history.addMinutes(minutes)
  }

  /** A stream is no more. */
  forget(stream: string): void {
    const meter = this.#minutes.get(stream)
    this.#minutes.delete(stream)
    if (meter) this.#parts.history.addMinutes(meter.end())
  }

  /** null while history cannot say. */
  totals(stream: string, line: string): LineTotals | null {
    return this.#parts.history.totals(stream, line)
  }

  /** People inside an area as history has it; null while it cannot say. */
  inside(area: string): number | null {
    this.#catchUp()
    return this.#parts.history.inside(area)
  }

  /** Totals back to zero: of one line, of one stream's lines (`line` null), or of all. */
  async resetTotals(stream: string | null, line: string | null, who: string): Promise<void> {
    await this.#parts.history.resetTotals(stream, line, who)
    this.#parts.onChange()
  }

  /** Somebody says how many people are inside. `value` is a whole number from 0 on. */
  async setInside(area: string, value: number, who: string): Promise<void> {
    this.#catchUp()
    // What history has when it can be read may have this number already: whoever passed before is not to be added to it.
    if (this.#inside === null) this.#missed.push((inside) => setInside(inside, area, value))
    else this.#inside = setInside(this.#inside, area, value)
    await this.#parts.history.setInside(area, value, who)
    this.#parts.onChange()
  }

  /** Books the minutes that are not over yet. */
  [Symbol.dispose](): void {
    for (const stream of [...this.#minutes.keys()]) this.forget(stream)
  }

  async #commit(stream: string, crossings: readonly LineCrossing[]): Promise<void> {
    const seen = crossings.map(
      ({ type, line, track, atMs }): CrossingSeen => ({
        stream,
        line,
        direction: type === 'line_in' ? 'in' : 'out',
        track,
        atMs,
      }),
    )
    const passages = crossings.map(({ type, line }): Passage => ({ type, stream, line }))
    const committed = await this.#parts.history.commitCrossings(seen, this.#pass(passages))
    this.#parts.onCommitted(committed)
    this.#parts.onChange()
  }

  /** The areas concerned, with the people then inside. */
  #pass(passages: readonly Passage[]): Readonly<Record<string, number>> {
    const { areas } = this.#parts
    if (areas.length === 0) return {}
    this.#catchUp()
    const pass: Step = (inside) => passages.reduce((each, passage) => stepInside(each, areas, passage), inside)
    if (this.#inside === null) {
      if (this.#missed.length < MOST_MISSED) this.#missed.push(pass)
      return {}
    }
    const after = pass(this.#inside)
    this.#inside = after
    const concerned = areas.filter(({ entrances }) => passages.some(({ stream, line }) => entrances.includes(`${stream}/${line}`)))
    return Object.fromEntries(concerned.map(({ id }) => [id, insideOf(after, id)]))
  }

  /** Reads who was inside when we ended last, once history can say; who passed meanwhile is added. */
  #catchUp(): void {
    const { history, areas } = this.#parts
    if (this.#inside !== null) return
    const read = areas.map(({ id }) => [id, history.inside(id)] as const)
    if (read.some(([, value]) => value === null)) return
    const before: Inside = new Map(read.map(([id, value]) => [id, value ?? 0]))
    const after = this.#missed.splice(0).reduce((inside, step) => step(inside), before)
    this.#inside = after
    for (const { id } of areas) {
      const value = insideOf(after, id)
      if (value !== before.get(id)) void history.setInside(id, value, 'what came before history could be read')
    }
  }
}

function isCrossing(event: SceneEvent): event is LineCrossing {
  return event.type === 'line_in' || event.type === 'line_out'
}
