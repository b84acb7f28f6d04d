/** How an NPU has held when streams were given back to it. Times of any steady clock, in milliseconds. */
export interface Steadiness {
  /** When it failed last while it had the streams; null: never. */
  readonly brokeMs: number | null
  /** Failures in a row that came soon after it had the streams again. */
  readonly relapses: number
}

/** What is known of one that has not failed yet. */
export const steady: Steadiness = { brokeMs: null, relapses: 0 }

/** One that holds for so long has earned its trust back. */
const HELD_MS = 60_000
const FIRST_REST_MS = 15_000
const LONGEST_REST_MS = 300_000

/** It has failed after it worked on the streams for `workedMs`. Pure. */
export function broke({ brokeMs, relapses }: Steadiness, workedMs: number, nowMs: number): Steadiness {
  const isRelapse = brokeMs !== null && workedMs < HELD_MS
  return { brokeMs: nowMs, relapses: isRelapse ? relapses + 1 : 0 }
}

/**
 * How long an NPU that answers is not to be given the streams all the same, in milliseconds; 0: it may have them. A canary asks nothing of
 * a chip that fails when it is warm or under load: without a rest it would take the streams from the CPU every few seconds, and nobody
 * would count. Pure.
 */
export function restLeftMs({ brokeMs, relapses }: Steadiness, nowMs: number, firstRestMs = FIRST_REST_MS): number {
  if (brokeMs === null || relapses === 0) return 0
  return Math.max(0, brokeMs + Math.min(firstRestMs * 2 ** (relapses - 1), LONGEST_REST_MS) - nowMs)
}
