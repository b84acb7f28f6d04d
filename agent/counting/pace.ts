/** When the last fresh inferences came, newest last. */
export interface Pace {
  readonly timesMs: readonly number[]
}

/** No inference yet. */
export const noPace: Pace = { timesMs: [] }

const WINDOW_MS = 5_000
const MOST_TIMES = 600
const INTERVALS_LOOKED_AT = 9

/** Steps the pace by one fresh inference. */
export function stepPace({ timesMs }: Pace, nowMs: number): Pace {
  return {
    timesMs: [...timesMs.slice(-(MOST_TIMES - 1)), nowMs].filter(
      (timeMs, index, all) => nowMs - timeMs <= WINDOW_MS || index >= all.length - INTERVALS_LOOKED_AT - 1,
    ),
  }
}

/** Fresh inferences a second over the last five seconds. */
export function fpsOf({ timesMs }: Pace, nowMs: number): number {
  const recent = timesMs.filter((timeMs) => nowMs - timeMs <= WINDOW_MS)
  const firstMs = recent[0]
  if (firstMs === undefined || recent.length < 2) return 0
  // A stream that has just begun is measured over the time it has had, not over the whole window.
  const spanMs = Math.max(nowMs - firstMs, 1)
  return ((recent.length - 1) * 1_000) / spanMs
}

/** The usual time between two inferences: the median of the last few, so that one gap does not stretch it. null: not known yet. */
export function intervalOf({ timesMs }: Pace): number | null {
  const recent = timesMs.slice(-INTERVALS_LOOKED_AT - 1)
  const intervals = recent.slice(1).map((timeMs, index) => timeMs - (recent[index] ?? timeMs))
  return intervals.length === 0 ? null : (intervals.sort((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? null)
}
