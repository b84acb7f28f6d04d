/** When the last fresh inferences came, newest last. */
export interface Pace {
  readonly timesMs: readonly number[]
}

/** No inference yet. */
export const noPace: Pace = { timesMs: [] }

const WINDOW_MS = 5_000
const MOST_TIMES = 600
const INTERVALS_LOOKED_AT = 9

/** Steps the pace by one fresh inference. What is too old for the window and for the interval is dropped. */
export function stepPace({ timesMs }: Pace, nowMs: number): Pace {
  const first = Math.max(0, timesMs.length - MOST_TIMES + 1)
  const needed = timesMs.length - INTERVALS_LOOKED_AT
  const kept = timesMs.filter((timeMs, index) => index >= first && (nowMs - timeMs <= WINDOW_MS || index >= needed))
  return { timesMs: [...kept, nowMs] }
}

/** Fresh inferences a second over the last five seconds, or over the time there has been. */
export function fpsOf({ timesMs }: Pace, nowMs: number): number {
  const recent = timesMs.filter((timeMs) => nowMs - timeMs <= WINDOW_MS)
  const firstMs = recent[0]
  if (firstMs === undefined || recent.length < 2) return 0
  return ((recent.length - 1) * 1_000) / Math.max(nowMs - firstMs, 1)
}

/** The usual time between two inferences: the median of the last few, so that one gap does not stretch it. null: not known yet. */
export function intervalOf({ timesMs }: Pace): number | null {
  const recent = timesMs.slice(-INTERVALS_LOOKED_AT - 1)
  const intervals = recent.slice(1).map((timeMs, index) => timeMs - (recent[index] ?? timeMs))
  return intervals.sort((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? null
}
