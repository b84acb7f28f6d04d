import { join } from 'node:path'
import { rowsOf } from '../history/open-history.ts'
import { AREA, crossingAt, truthAfter } from './crossings-feed.ts'
import type { Heard } from './crossings-subscriber.ts'

/** A crossing as the history file has it. */
export interface Kept {
  readonly id: string
  readonly stream: string
  readonly line: string
  readonly direction: string
  readonly track: number
  readonly atMs: number
}

export interface HistoryKept {
  /** In their order. */
  readonly crossings: readonly Kept[]
  /** By `stream/line/way`, and people inside by the area's name. */
  readonly totals: ReadonlyMap<string, number>
}

/** What must be 0, but for the repeats. */
export interface CrossingsAccount {
  readonly committed: number
  /** Numbers that history does not have, or has more than once. */
  readonly missing: number
  readonly doubled: number
  /** Committed and never heard. */
  readonly lost: number
  /** Heard under another id than history's, or with another time, line or direction. */
  readonly wrong: number
  /** First heard after a later one. */
  readonly outOfOrder: number
  /** Totals, people inside included, of history and of the retained topics that are not those of the truth. */
  readonly totalsWrong: number
  /** Heard once more: a consumer drops them by their id. */
  readonly repeats: number
}

/** Everything a history that nobody has open holds. */
export function rowsIn(folder: string): HistoryKept {
  const file = join(folder, 'history.sqlite')
  const crossings = rowsOf<Kept>(
    file,
    `SELECT run || '-' || n AS id, stream, line, direction, track, at_ms AS atMs FROM crossings ORDER BY place`,
  )
  const sums = rowsOf<{ key: string; ins: number; outs: number }>(
    file,
    `SELECT stream || '/' || line AS key, ins, outs FROM totals WHERE day = ''`,
  )
  const areas = rowsOf<{ area: string; inside: number }>(file, 'SELECT area, inside FROM areas')
  const totals = new Map([
    ...sums.flatMap(({ key, ins, outs }) => [[`${key}/in`, ins] as const, [`${key}/out`, outs] as const]),
    ...areas.map(({ area, inside }) => [area, inside] as const),
  ])
  return { crossings, totals }
}

interface Evidence {
  readonly kept: HistoryKept
  readonly heard: readonly Heard[]
  readonly retained: ReadonlyMap<string, string | undefined>
}

/** Holds what history has and what was heard against what was fed. */
export function reckon(
  { crossings, baseMs }: { crossings: number; baseMs: number },
  { kept, heard, retained }: Evidence,
): CrossingsAccount {
  const tracks = new Set(kept.crossings.map(({ track }) => track))
  const missing = Array.from({ length: crossings }, (_, k) => k).filter((k) => !tracks.has(k)).length
  const first = new Map<string, Heard>()
  for (const one of heard) if (!first.has(one.id)) first.set(one.id, one)
  const placeOf = new Map(kept.crossings.map(({ id }, place) => [id, place]))
  const places = [...first.keys()].map((id) => placeOf.get(id) ?? Number.NaN)
  return {
    committed: kept.crossings.length,
    missing,
    doubled: kept.crossings.length - tracks.size,
    lost: kept.crossings.filter(({ id }) => !first.has(id)).length,
    wrong:
      kept.crossings.filter((one) => !isTrue(one, baseMs)).length +
      heard.filter((one) => !placeOf.has(one.id) || !isSame(one, kept.crossings[placeOf.get(one.id) ?? -1])).length,
    outOfOrder: places.filter((place, index) => place < Math.max(...places.slice(Math.max(0, index - 1_000), index), -1)).length,
    totalsWrong: wrongTotals(crossings, kept, retained),
    repeats: heard.length - first.size,
  }
}

function isTrue({ stream, line, direction, track, atMs }: Kept, baseMs: number): boolean {
  const { stream: at, event } = crossingAt(track, baseMs)
  return stream === at && line === event.line && `line_${direction}` === event.type && atMs === event.atMs
}

function isSame({ topic, event_type, track, ts, line }: Heard, kept: Kept | undefined): boolean {
  if (kept === undefined) return false
  const { stream, direction, atMs } = kept
  return (
    topic === `headcount/bench/${stream}/event` &&
    event_type === `line_${direction}` &&
    track === kept.track &&
    ts === atMs &&
    line === kept.line
  )
}

function wrongTotals(crossings: number, { totals }: HistoryKept, retained: ReadonlyMap<string, string | undefined>): number {
  const truth = truthAfter(crossings)
  const wanted = [...truth.totals, [AREA.id, truth.inside] as const]
  return (
    wanted.filter(([key, count]) => (totals.get(key) ?? 0) !== count).length +
    wanted.filter(([key, count]) => retained.get(key) !== String(count)).length
  )
}
