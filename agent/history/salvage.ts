import SqliteDatabase, { type Database } from 'better-sqlite3'
import { z } from 'zod'
import type { Found } from './keeper.ts'
import type { PlacedCrossing } from './store.ts'

/** Undelivered crossings that are carried from one file to the next. */
export const MOST_TAKEN = 20_000

const count = z.int().min(0)
const sum = z.object({ day: z.string(), stream: z.string(), line: z.string(), in: count, out: count })
const area = z.object({ area: z.string(), inside: count })
const crossing = z.object({
  place: count,
  id: z.string().regex(/^[^-]+-\d+$/),
  atMs: z.int(),
  stream: z.string(),
  line: z.string(),
  direction: z.enum(['in', 'out']),
  track: z.int(),
})

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
    const deliveredTo = z
      .int()
      .min(0)
      .catch(0)
      .parse(read(database, 'SELECT delivered_to AS found FROM outbox', z.object({ found: count }))[0]?.found)
    const undelivered = read(
      database,
      `SELECT place, run || '-' || n AS id, at_ms AS atMs, stream, line, direction, track
       FROM crossings WHERE place > ${deliveredTo} ORDER BY place LIMIT ${MOST_TAKEN}`,
      crossing,
    )
    return {
      sums: read(database, 'SELECT day, stream, line, ins AS "in", outs AS "out" FROM totals', sum),
      insides: Object.fromEntries(read(database, 'SELECT area, inside FROM areas', area).map((each) => [each.area, each.inside])),
      deliveredTo,
      undelivered,
      nextPlace: (undelivered.at(-1)?.place ?? deliveredTo) + 1,
    }
  } finally {
    database.close()
  }
}

/** Rows up to the first that cannot be read or is not what it should be. */
function read<T>(database: Database, text: string, shape: z.ZodType<T>): T[] {
  const rows: T[] = []
  try {
    for (const row of database.prepare(text).iterate()) rows.push(shape.parse(row))
  } catch (_) {
    // That is what is wrong with this file; it has been told.
  }
  return rows
}
