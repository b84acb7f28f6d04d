export interface OccupancySettings {
  readonly onAfterMs: number
  readonly offAfterMs: number
  readonly minPersons: number
}

/** Quickly on, slowly off. Remembered while the count is unknown, but not told then. */
export interface Occupancy {
  /** null until the first known count. */
  readonly occupied: boolean | null
  /** Since when counts say otherwise without a break; null while they agree. */
  readonly otherwiseSinceMs: number | null
}

/** Nothing known yet. */
export const unknownOccupancy: Occupancy = { occupied: null, otherwiseSinceMs: null }

/** Steps the occupancy by one count (null: unknown) at `nowMs`. The first count ever decides at once. */
export function stepOccupancy(before: Occupancy, count: number | null, nowMs: number, settings: OccupancySettings): Occupancy {
  // A time in which nobody looked does not make a room empty: the wait starts again.
  if (count === null) return before.otherwiseSinceMs === null ? before : { ...before, otherwiseSinceMs: null }
  const seen = count >= settings.minPersons
  if (before.occupied === null) return { occupied: seen, otherwiseSinceMs: null }
  if (before.occupied === seen) return before.otherwiseSinceMs === null ? before : { ...before, otherwiseSinceMs: null }
  const sinceMs = before.otherwiseSinceMs ?? nowMs
  const waitMs = seen ? settings.onAfterMs : settings.offAfterMs
  return nowMs - sinceMs >= waitMs ? { occupied: seen, otherwiseSinceMs: null } : { ...before, otherwiseSinceMs: sinceMs }
}
