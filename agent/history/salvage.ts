import SqliteDatabase, { type Database } from 'better-sqlite3'
import type { Found } from './keeper.ts'
import type { Sum } from './records.ts'
import type { PlacedCrossing } from './store.ts'

/** Undelivered crossings that are carried from one file to the next. */
export const MOST_TAKEN = 20_000

type Row = Readonly<Record<string, unknown>>

// By hand: zod would be loaded a second time, in this thread, for a file that is hardly ever broken.
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const areTexts = (...values: readonly unknown[]) => values.every((value) => typeof value === 'string')
const isSum = (row: Row) => areTexts(row['day'], row['stream'], row['line']) && isCount(row['in']) && isCount(row['out'])
const isArea = (row: Row) => areTexts(row['area']) && isCount(row['inside'])
const isCrossing = (row: Row) =>
  isCount(row['place']) &&
  areTexts(row['stream'], row['line']) &&
  /^[^-]+-\d+$/.test(String(row['id'])) &&
  ['in', 'out'].includes(String(row['direction'])) &&
  [row['atMs'], row['track']].every(Number.isSafeInteger)

interface Salvaged extends Found {
  readonly nextPlace: number
  readonly undelivered: readonly PlacedCrossing[]
}

/** What can still be read of a file that is broken or newer than we are. Never fails: what is unreadable is taken for empty. */
export function salvage(path: string): Salvaged {
  let database: Database
  try {
    database = new SqliteDatabase(path, { readonly: true, fileMustExist: true, timeout: 200 })
  } catch (_) {
    return { sums: [], insides: {}, deliveredTo: 0, nextPlace: 1, undelivered: [] }
  }
  try {
    const [mark] = read<{ found: number }>(database, 'SELECT delivered_to AS found FROM outbox', ({ found }) => isCount(found))
    const deliveredTo = mark?.found ?? 0
    const undelivered = read<PlacedCrossing>(
      database,
      `SELECT place, run || '-' || n AS id, at_ms AS atMs, stream, line, direction, track
       FROM crossings WHERE place > ${deliveredTo} ORDER BY place LIMIT ${MOST_TAKEN}`,
      isCrossing,
    )
    const areas = read<{ area: string; inside: number }>(database, 'SELECT area, inside FROM areas', isArea)
    return {
      sums: read<Sum>(database, 'SELECT day, stream, line, ins AS "in", outs AS "out" FROM totals', isSum),
      insides: Object.fromEntries(areas.map((each) => [each.area, each.inside])),
      deliveredTo,
      undelivered,
      nextPlace: (undelivered.at(-1)?.place ?? deliveredTo) + 1,
    }
  } finally {
    database.close()
  }
}

/** Rows up to the first that cannot be read or is not what it should be. */
function read<T extends object>(database: Database, text: string, fits: (row: Row) => boolean): T[] {
  const rows: T[] = []
  try {
    for (const row of database.prepare<[], T>(text).iterate()) {
      if (!fits(row as Row)) break
      rows.push(row)
    }
  } catch (_) {
    // That is what is wrong with this file; it has been told.
  }
  return rows
}
