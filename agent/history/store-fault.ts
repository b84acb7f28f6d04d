import SqliteDatabase from 'better-sqlite3'
import type { Fault } from '../errors.ts'
import { brokenFault, unwritableFault } from './history-fault.ts'
import { ForeignFile } from './schema.ts'

const REMEDIES: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'Make room on that disk (df -h). Counting goes on; what could not be stored is stored when there is room.',
  ENOSPC: 'Make room on that disk (df -h). Counting goes on; what could not be stored is stored when there is room.',
  SQLITE_BUSY: 'End the other headcount (or sqlite3) that has this file open, or set HEADCOUNT_STATE_DIR to a folder of its own.',
}

/** A foreseen failure of the history's file. `broken`: it will not get better, the file must go out of the way. */
export interface StoreFault {
  readonly broken: boolean
  readonly fault: Fault
}

/** What a failure of SQLite or of the folder means; null for a bug of ours. */
export function storeFault(error: unknown, path: string): StoreFault | null {
  if (error instanceof ForeignFile) return { broken: true, fault: brokenFault(path, error.message) }
  const { code = '', message, syscall } = error as NodeJS.ErrnoException
  if (error instanceof SqliteDatabase.SqliteError) {
    if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(code)) return { broken: true, fault: brokenFault(path, `is damaged (${message})`) }
    if (!/^SQLITE_(FULL|READONLY|CANTOPEN|PERM|BUSY|LOCKED|IOERR|NOLFS|PROTOCOL|NOMEM)/.test(code)) return null
    return { broken: false, fault: unwritableFault(path, `${message}, ${code}`, REMEDIES[code]) }
  }
  // Whatever the file system answers, it is the file system's.
  return syscall === undefined ? null : { broken: false, fault: unwritableFault(path, message, REMEDIES[code]) }
}
