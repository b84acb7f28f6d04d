/** The count that is told: it changes when the evidence lasts. */
export interface Smoothed {
  /** null: unknown. */
  readonly count: number | null
  readonly atMs: number
  /** What speaks for another count. */
  readonly doubt: Doubt | null
}

interface Doubt {
  /** 1: more people than told, −1: fewer. */
  readonly direction: number
  /** Time that speaks for it, less the time that spoke against it. */
  readonly lastedMs: number
  /** The counts that spoke for it, newest last. */
  readonly counts: readonly number[]
}

/** Nothing known yet. */
export const unknownCount: Smoothed = { count: null, atMs: -Infinity, doubt: null }

/** A true change is told after this time, and after two looks however far they lie apart. */
const LASTING_MS = 300
/** So that one look never decides alone; what tolerance leaves a sum of halves must not delay. */
const MOST_OF_ONE_LOOK_MS = LASTING_MS / 2
/** A look that agrees with what is told, or speaks for a change the other way, outweighs so many that speak for this one. */
const AGREEMENT = 2
const MOST_REMEMBERED = 32

/** Steps the count by one look (null: unknown, told at once and nothing is remembered). The first count is told at once. */
export function stepSmoothing(before: Smoothed, count: number | null, atMs: number): Smoothed {
  if (count === null) return before.count === null ? before : unknownCount
  if (before.count === null) return { count, atMs, doubt: null }
  const weightMs = Math.min(Math.max(0, atMs - before.atMs), MOST_OF_ONE_LOOK_MS)
  const direction = Math.sign(count - before.count)
  const doubt = direction === 0 ? eased(before.doubt, weightMs) : deepened(before.doubt, { count, direction, weightMs })
  if (doubt === null || doubt.lastedMs < LASTING_MS) return { count: before.count, atMs, doubt }
  return { count: medianOf(doubt.counts), atMs, doubt: null }
}

function eased(doubt: Doubt | null, weightMs: number): Doubt | null {
  if (doubt === null || doubt.lastedMs <= AGREEMENT * weightMs) return null
  return { ...doubt, lastedMs: doubt.lastedMs - AGREEMENT * weightMs }
}

function deepened(doubt: Doubt | null, look: { count: number; direction: number; weightMs: number }): Doubt {
  const { count, direction, weightMs } = look
  // One wild look must not take back what a row of others has said.
  const contrary = doubt !== null && doubt.direction !== direction ? eased(doubt, weightMs) : null
  if (contrary !== null) return contrary
  if (doubt === null || doubt.direction !== direction) return { direction, lastedMs: weightMs, counts: [count] }
  return { direction, lastedMs: doubt.lastedMs + weightMs, counts: [...doubt.counts.slice(1 - MOST_REMEMBERED), count] }
}

/** The middle one; of two middle ones the newer. */
function medianOf(counts: readonly number[]): number {
  const newest = counts.at(-1) ?? 0
  const sorted = counts.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? newest, sorted[sorted.length >> 1] ?? newest]
  return Math.abs(newest - low) <= Math.abs(newest - high) ? low : high
}
