import type { Database, Statement } from 'better-sqlite3'

/** Days whose totals are kept beside the running ones. */
const NEWEST_DAYS = `SELECT DISTINCT day FROM totals WHERE day <> '' ORDER BY day DESC LIMIT 10`

/** Texts by name; `#` marks those that give single values instead of rows. */
const TEXTS = {
  '#newestPlace': 'SELECT coalesce(max(place), 0) FROM crossings',
  // The newest row of each table is enough: no other run writes into a file that we hold.
  '#newestOfRun': `SELECT max(n) FROM (
    SELECT n FROM (SELECT run, n FROM crossings ORDER BY place DESC LIMIT 1) WHERE run = :run UNION ALL
    SELECT n FROM (SELECT run, n FROM corrections ORDER BY place DESC LIMIT 1) WHERE run = :run)`,
  '#deliveredTo': 'SELECT delivered_to FROM outbox',
  deliver: 'UPDATE outbox SET delivered_to = max(delivered_to, :deliveredTo)',
  areas: 'SELECT area, inside FROM areas',
  setInside: 'INSERT INTO areas VALUES (:area, :value) ON CONFLICT DO UPDATE SET inside = excluded.inside',
  sums: `SELECT day, stream, line, ins AS "in", outs AS "out" FROM totals WHERE day = '' OR day IN (${NEWEST_DAYS}) ORDER BY day`,
  addSum: `INSERT INTO totals VALUES (:day, :stream, :line, :in, :out)
    ON CONFLICT DO UPDATE SET ins = ins + excluded.ins, outs = outs + excluded.outs`,
  reset: `UPDATE totals SET ins = 0, outs = 0
    WHERE day IN ('', :day) AND stream = coalesce(:stream, stream) AND line = coalesce(:line, line)`,
  addCrossing: 'INSERT INTO crossings VALUES (:place, :run, :n, :atMs, :stream, :line, :direction, :track)',
  addCorrection: `INSERT INTO corrections (run, n, at_ms, kind, stream, line, area, value, who)
    VALUES (:run, :n, :atMs, :kind, :stream, :line, :area, :value, :who)`,
  addLineMinute: `INSERT INTO line_minutes VALUES (:minute, :stream, :line, :in, :out)
    ON CONFLICT DO UPDATE SET ins = ins + excluded.ins, outs = outs + excluded.outs`,
  // A minute comes in two parts when the program is restarted within it.
  addMinute: `INSERT INTO minutes VALUES (:minute, :stream, :least, :mean, :most, :knownMs, :unknownMs)
    ON CONFLICT DO UPDATE SET
      least = min(coalesce(least, excluded.least), coalesce(excluded.least, least)),
      most = max(coalesce(most, excluded.most), coalesce(excluded.most, most)),
      mean = CASE WHEN mean IS NULL THEN excluded.mean WHEN excluded.mean IS NULL THEN mean
        ELSE (mean * known_ms + excluded.mean * excluded.known_ms) / max(known_ms + excluded.known_ms, 1) END,
      known_ms = known_ms + excluded.known_ms, unknown_ms = unknown_ms + excluded.unknown_ms`,
  crossingsAfter: `SELECT place, run || '-' || n AS id, at_ms AS atMs, stream, line, direction, track
    FROM crossings WHERE place > :place ORDER BY place LIMIT :limit`,
  '#firstMinute': `SELECT min(minute) FROM (SELECT min(minute) AS minute FROM minutes WHERE minute >= :from UNION ALL
    SELECT min(minute) FROM line_minutes WHERE minute >= :from)`,
  minutes: `SELECT stream, minute, least, mean, most, known_ms AS knownMs, unknown_ms AS unknownMs
    FROM minutes WHERE minute >= :from AND minute < :to AND stream = :stream ORDER BY minute`,
  lineMinutes: `SELECT stream, line, minute, ins AS "in", outs AS "out"
    FROM line_minutes WHERE minute >= :from AND minute < :to AND stream = :stream ORDER BY minute`,
  '#pruneEnd': 'SELECT max(place) FROM (SELECT place FROM crossings WHERE place > :after ORDER BY place LIMIT :limit)',
  pruneCrossings: 'DELETE FROM crossings WHERE place > :after AND place <= :upTo AND at_ms < :cutoffMs',
  young: 'SELECT 1 FROM crossings WHERE place > :after AND place <= :upTo AND at_ms >= :cutoffMs LIMIT 1',
  pruneCorrections: `DELETE FROM corrections WHERE place IN
    (SELECT place FROM corrections WHERE at_ms < :cutoffMs ORDER BY place LIMIT :limit)`,
  // An hour at a time.
  pruneMinutes: 'DELETE FROM minutes WHERE minute < min(:cutoff, (SELECT min(minute) + 60 FROM minutes))',
  pruneLineMinutes: 'DELETE FROM line_minutes WHERE minute < min(:cutoff, (SELECT min(minute) + 60 FROM line_minutes))',
  pruneSums: `DELETE FROM totals WHERE day <> '' AND day NOT IN (${NEWEST_DAYS})`,
} as const

type Name = keyof typeof TEXTS extends infer Key ? (Key extends `#${infer Plain}` ? Plain : Key) : never

export type Statements = Readonly<Record<Name, Statement>>

/** All statements of a file of the newest schema. */
export function statementsOf(database: Database): Statements {
  const prepared = Object.entries(TEXTS).map(([name, text]) => {
    const statement = database.prepare(text)
    return name.startsWith('#') ? [name.slice(1), statement.pluck()] : [name, statement]
  })
  return Object.fromEntries(prepared) as Statements
}
