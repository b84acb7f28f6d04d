/** One figure of a bench. Names are promises: others read them from the JSON. */
export interface BenchRow {
  readonly metric: string
  readonly value: number
  readonly unit: string
  /** What the value must reach (see `goal`). */
  readonly limit?: number
  /** The same figure of the design to beat, in the same run. */
  readonly peer?: number
  readonly ratio?: number
  /** In words: `>= limit`, `<= limit`. */
  readonly goal?: string
  readonly ok?: boolean
}

/** A figure that must not be smaller than its limit. */
export function atLeast(metric: string, value: number, unit: string, limit: number): BenchRow {
  return { metric, value, unit, limit, goal: '>= limit', ok: value >= limit }
}

/** A figure that must not be larger than its limit. */
export function atMost(metric: string, value: number, unit: string, limit: number): BenchRow {
  return { metric, value, unit, limit, goal: '<= limit', ok: value <= limit }
}

/** The middle of a few measurements; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
