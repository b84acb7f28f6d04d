import type { Backend } from '../engine/messages.ts'

/** What is seen of one stream when it is asked whether the engine still works. CLOCK_MONOTONIC in milliseconds. */
export interface WatchedStream {
  readonly id: string
  /** Since when a frame is there that is newer than the last inference; null: none is. */
  readonly waitingSinceMs: number | null
  /** null: none since capture and engine are there. */
  readonly lastInferenceMs: number | null
  /** Inferences a second at most. */
  readonly detectFps: number
}

export interface EngineTimes {
  readonly nowMs: number
  readonly readySinceMs: number
  readonly detectorP99Ms: number
  readonly backend: Backend
}

/** A detector may be slow; one that is this many times slower than in its canary, and at least this long silent, is stuck. */
const SILENT_TIMES = 20
const SILENT_MS = 10_000
/**
 * An NPU answers within milliseconds, and an engine that waits for it in vain notices after a second: one that is silent for longer without
 * a word hangs itself. Counts are unknown after 2 s already, and nothing slow is thrown away with the process.
 */
const SILENT_NPU_MS = 3_000
/** A stream that is looked at seldom is no sign before it is overdue. */
const SILENT_INTERVALS = 3

/** Milliseconds the engine has been silent although frames wait, or null while it has time left. */
export function engineSilence(
  streams: readonly WatchedStream[],
  { nowMs, readySinceMs, detectorP99Ms, backend }: EngineTimes,
): number | null {
  const waiting = streams.filter(({ waitingSinceMs }) => waitingSinceMs !== null)
  if (waiting.length === 0) return null
  const signs = streams.map(({ waitingSinceMs, lastInferenceMs }) => Math.max(waitingSinceMs ?? 0, lastInferenceMs ?? 0))
  const silentMs = nowMs - Math.max(readySinceMs, ...signs)
  const intervalMs = Math.min(...waiting.map(({ detectFps }) => 1_000 / detectFps))
  const usualMs = backend === 'hailo' ? SILENT_NPU_MS : SILENT_MS
  return silentMs > Math.max(usualMs, SILENT_TIMES * detectorP99Ms, SILENT_INTERVALS * intervalMs) ? silentMs : null
}
