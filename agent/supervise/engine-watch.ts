/** What is seen of one stream when it is asked whether the engine still works. CLOCK_MONOTONIC in milliseconds. */
export interface WatchedStream {
  /** Since when frames come; null: none come. */
  readonly deliveringSinceMs: number | null
  /** null: none since capture and engine are there. */
  readonly lastInferenceMs: number | null
}

/** A detector may be slow; one that is this many times slower than in its canary, and at least this long silent, is stuck. */
const SILENT_TIMES = 20
const SILENT_MS = 10_000

/** Milliseconds the engine has been silent although frames come, or null while it has time left. */
export function engineSilence(
  streams: readonly WatchedStream[],
  { nowMs, readySinceMs, detectorP99Ms }: { readonly nowMs: number; readonly readySinceMs: number; readonly detectorP99Ms: number },
): number | null {
  const signs = streams.flatMap(({ deliveringSinceMs, lastInferenceMs }) =>
    deliveringSinceMs === null ? [] : Math.max(deliveringSinceMs, lastInferenceMs ?? 0),
  )
  if (signs.length === 0) return null
  const silentMs = nowMs - Math.max(readySinceMs, ...signs)
  return silentMs > Math.max(SILENT_MS, SILENT_TIMES * detectorP99Ms) ? silentMs : null
}
