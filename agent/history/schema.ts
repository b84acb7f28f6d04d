import type { Database } from 'better-sqlite3'

/**
 * How a file comes from each version of the schema to the next; the version is the file's user_version. Entries are never
 * changed, only added.
 *
 * totals: the day '' is the running total. outbox: one row, the place up to which all crossings are delivered.
 * line_minutes is stepped with each crossing, minutes come in batches.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE crossings (
     place INTEGER PRIMARY KEY, run TEXT NOT NULL, n INTEGER NOT NULL, at_ms INTEGER NOT NULL,
     stream TEXT NOT NULL, line TEXT NOT NULL, direction TEXT NOT NULL CHECK (direction IN ('in', 'out')), track INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE corrections (
     place INTEGER PRIMARY KEY, run TEXT NOT NULL, n INTEGER NOT NULL, at_ms INTEGER NOT NULL,
     kind TEXT NOT NULL, stream TEXT, line TEXT, area TEXT, value INTEGER, who TEXT
   ) STRICT;
   CREATE TABLE totals (
     day TEXT NOT NULL, stream TEXT NOT NULL, line TEXT NOT NULL, ins INTEGER NOT NULL, outs INTEGER NOT NULL,
     PRIMARY KEY (day, stream, line)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE areas (area TEXT PRIMARY KEY, inside INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE minutes (
     minute INTEGER NOT NULL, stream TEXT NOT NULL, least INTEGER, mean REAL, most INTEGER,
     known_ms INTEGER NOT NULL, unknown_ms INTEGER NOT NULL, PRIMARY KEY (minute, stream)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE line_minutes (
     minute INTEGER NOT NULL, stream TEXT NOT NULL, line TEXT NOT NULL, ins INTEGER NOT NULL, outs INTEGER NOT NULL,
     PRIMARY KEY (minute, stream, line)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE outbox (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), delivered_to INTEGER NOT NULL) STRICT;
   INSERT INTO outbox VALUES (1, 0);`,
]

/** A file that is not ours to write: of a newer program, or of another one. */
export class ForeignFile extends Error {}

/** Brings the file to the newest version, each step whole or not at all. Returns the version it had: 0 is a new file. */
export function migrate(database: Database, migrations: readonly string[] = MIGRATIONS): number {
  const found = Number(database.pragma('user_version', { simple: true }))
  if (found > migrations.length) {
    throw new ForeignFile(`was written by a newer headcount (version ${found}, this one knows ${migrations.length})`)
  }
  if (found === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) throw new ForeignFile('is of another program')
  for (const [index, step] of migrations.entries()) {
    if (index < found) continue
    database.transaction(() => {
      database.exec(step)
      database.pragma(`user_version = ${index + 1}`)
    })()
  }
  return found
}
