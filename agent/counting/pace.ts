/** When the last fresh inferences came, newest last. */
export interface Pace {
  readonly timesMs: readonly number[]
}

/** No inference yet. */
export const noPace: Pace = { timesMs: [] }

const WINDOW_MS = 5_000
/** Enough for a rate within a few percent; more would be garbage at every frame. */
const MOST_TIMES = 64
const INTERVALS_LOOKED_AT = 9

/** Steps the pace by one fresh inference. What is too old for the window and for the interval is dropped. */
export function stepPace({ timesMs }: Pace, nowMs: number): Pace {
  const isRecent = (timeMs: number, index: number) => nowMs - timeMs <= WINDOW_MS || index >= timesMs.length - INTERVALS_LOOKED_AT
  const first = Math.max(timesMs.findIndex(isRecent), timesMs.length - MOST_TIMES + 1, 0)
  return { timesMs: [...timesMs.slice(first), nowMs] }
}

/** Fresh inferences a second over the last five seconds, over the last 64, or over the time there has been: whichever is shortest. */
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
