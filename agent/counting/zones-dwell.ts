/** How long people stayed in a zone. */
export interface Dwells {
  /** Stays that ended, since the start. */
  readonly total: number
  /** The last of them, newest last. */
  readonly latestMs: readonly number[]
}

/** Nobody has left yet. */
export const noDwells: Dwells = { total: 0, latestMs: [] }

/** Enough for a steady p90; more would be yesterday. */
const MOST_REMEMBERED = 256

/** Steps the dwells by one stay that ended. */
export function stepDwells({ total, latestMs }: Dwells, dwellMs: number): Dwells {
  return { total: total + 1, latestMs: [...latestMs.slice(1 - MOST_REMEMBERED), dwellMs] }
}

/** How many stays ended since the start; mean and 90th percentile (nearest rank) of the last 256, null while there are none. */
export function dwellFigures({ total, latestMs }: Dwells): { count: number; meanMs: number | null; p90Ms: number | null } {
  if (latestMs.length === 0) return { count: total, meanMs: null, p90Ms: null }
  const sorted = latestMs.toSorted((a, b) => a - b)
  const meanMs = latestMs.reduce((sum, dwellMs) => sum + dwellMs, 0) / latestMs.length
  return { count: total, meanMs, p90Ms: sorted[Math.ceil(0.9 * sorted.length) - 1] ?? null }
}
