import type { AgentErrorCode } from '../errors.ts'

/**
 * How far the bringing back of an NPU has gone. rebuild: the engine opens the device again; respawn: a new engine process; reload: the
 * driver was loaded anew; degraded: all that did not help, counts stay unknown, and it is tried on and on.
 */
export type Rung = 'rebuild' | 'respawn' | 'reload' | 'degraded'

/** Where on the ladder an NPU stands. */
export interface Ladder {
  /** null: it works, or nothing is known yet. */
  readonly rung: Rung | null
  /** Lives of the engine that failed in a row. */
  readonly failures: number
  /** Of these the newest in a row that a driver could be to blame for. */
  readonly driverFailures: number
  /** When the driver was loaded anew, in milliseconds of any steady clock; null: never. */
  readonly reloadedMs: number | null
}

/** How a life of the engine ended. */
export interface LifeFailed {
  /** null: nobody said. */
  readonly code: AgentErrorCode | null
  /** It had worked long enough that this failure is a new one. */
  readonly ranWell: boolean
  /** The driver may be loaded anew: the configuration says so, and there is one behind the NPU. */
  readonly mayReload: boolean
}

/** What comes before the next life. */
export interface NextTry {
  readonly restMs: number
  readonly reloadDriver: boolean
}

/** The foot of the ladder. */
export const ladderFoot: Ladder = { rung: null, failures: 0, driverFailures: 0, reloadedMs: null }

const FIRST_REST_MS = 250
/** An engine needs about 2.5 s to open an NPU and prove it; 5 s after a fault has passed people are counted again. */
const LONGEST_REST_MS = 1_500
/** Somebody plugs a device in, ends a program, sets a right: nothing is in a hurry, but a person looks on. */
const LONGEST_REST_FOR_PEOPLE_MS = 2_000
/** What only an update or another file mends is no better a second later. */
const LASTING_REST_MS = 60_000
const DEGRADED_FROM = 3
const RELOAD_FROM = 3
const RELOAD_EVERY_MS = 600_000

const FOR_PEOPLE: ReadonlySet<AgentErrorCode> = new Set<AgentErrorCode>(['NPU_MISSING', 'NPU_BUSY', 'NPU_DENIED'])
const OF_DRIVER: ReadonlySet<AgentErrorCode> = new Set<AgentErrorCode>(['NPU_TIMEOUT', 'NPU_FAILED', 'NPU_DENIED'])
const LASTING: ReadonlySet<AgentErrorCode> = new Set<AgentErrorCode>([
  'NPU_DRIVER_MISMATCH',
  'BACKEND_UNAVAILABLE',
  'MODEL_MISSING',
  'MODEL_UNREADABLE',
  'MODEL_UNSUPPORTED',
])

/** Whether a fault stays until somebody installs something. */
export function isLasting(code: AgentErrorCode | null): boolean {
  return code !== null && LASTING.has(code)
}

/** The engine opens the device again by itself. */
export function rebuilding(ladder: Ladder): Ladder {
  return { ...ladder, rung: ladder.failures >= DEGRADED_FROM ? 'degraded' : 'rebuild' }
}

/** It can infer. Failures are forgotten only after it has run well: `failed` says so. */
export function works(ladder: Ladder): Ladder {
  return { ...ladder, rung: null }
}

/** Steps the ladder by one life that failed. `nowMs` counts on the clock of `reloadedMs`. Pure. */
export function failed(before: Ladder, { code, ranWell, mayReload }: LifeFailed, nowMs: number): { ladder: Ladder; next: NextTry } {
  const failures = ranWell ? 1 : before.failures + 1
  const driverFailures = code !== null && OF_DRIVER.has(code) ? (ranWell ? 1 : before.driverFailures + 1) : 0
  const isDue = before.reloadedMs === null || nowMs - before.reloadedMs >= RELOAD_EVERY_MS
  const reloadDriver = mayReload && driverFailures >= RELOAD_FROM && isDue
  const rung = reloadDriver ? 'reload' : failures >= DEGRADED_FROM ? 'degraded' : 'respawn'
  return {
    ladder: { rung, failures, driverFailures, reloadedMs: reloadDriver ? nowMs : before.reloadedMs },
    next: { restMs: reloadDriver ? FIRST_REST_MS : restMs(code, failures), reloadDriver },
  }
}

function restMs(code: AgentErrorCode | null, failures: number): number {
  if (isLasting(code)) return LASTING_REST_MS
  const longestMs = code !== null && FOR_PEOPLE.has(code) ? LONGEST_REST_FOR_PEOPLE_MS : LONGEST_REST_MS
  return Math.min(FIRST_REST_MS * 2 ** (failures - 1), longestMs)
}
