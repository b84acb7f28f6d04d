import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Fault } from '../../agent/errors.ts'
import { History, type HistoryOptions } from '../../agent/history/history.ts'
import type { CrossingSeen, Direction } from '../../agent/history/records.ts'

/** A folder of its own, gone afterwards. */
export async function temporaryFolder(): Promise<{ path: string; file: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-history-'))
  return {
    path,
    file: join(path, 'history.sqlite'),
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true })
    },
  }
}

export interface Opened extends AsyncDisposable {
  readonly history: History
  readonly faults: (Fault | null)[]
  readonly left: Fault[]
}

/** A history and all it has said. */
export async function openHistory(folder: string, options: Partial<HistoryOptions> = {}): Promise<Opened> {
  const faults: (Fault | null)[] = []
  const left: Fault[] = []
  const history = await History.open({
    folder,
    keepDays: 90,
    timeZone: 'Europe/Berlin',
    changed: (fault) => faults.push(fault),
    left: (fault) => left.push(fault),
    ...options,
  })
  return { history, faults, left, [Symbol.asyncDispose]: () => history[Symbol.asyncDispose]() }
}

/** Wall and steady clock in the hand of the test. */
export class HandClock {
  #wallMs: number
  #steadyMs = 0

  constructor(wall: string) {
    this.#wallMs = Date.parse(wall)
  }

  wallMs = () => this.#wallMs
  steadyMs = () => this.#steadyMs

  pass(ms: number): void {
    this.#wallMs += ms
    this.#steadyMs += ms
  }

  set(wall: string): void {
    this.#wallMs = Date.parse(wall)
  }
}

export function seen(direction: Direction, atMs = Date.now(), more: Partial<CrossingSeen> = {}): CrossingSeen {
  return { stream: 'door', line: 'entrance', direction, track: 7, atMs, ...more }
}

/** Rows of a file that nobody has open. */
export function rowsOf<T>(file: string, text: string): T[] {
  const database = new SqliteDatabase(file, { fileMustExist: true })
  try {
    return database.prepare(text).all() as T[]
  } finally {
    database.close()
  }
}
