import { FIRST_LOOKS } from '../tracking/tracker.ts'
import { intervalOf } from './pace.ts'
import type { StreamState } from './stream-state.ts'

/** How far a stream's count can be trusted. */
export interface Judgement {
  readonly quality: 'live' | 'stale' | 'unknown'
  /** Why it is not `live`. */
  readonly reason: string | null
}

/** A part of the stream's settings. */
interface Pacing {
  readonly detectFps: number
}

const UNKNOWN_AFTER_MS = 2_000
const UNKNOWN_AFTER_INTERVALS = 3
const STALE_AFTER_MS = 1_000
const STALE_AFTER_INTERVALS = 2

/** Judges what is known at `nowMs`, CLOCK_MONOTONIC in milliseconds: `stale` while one inference is overdue, then `unknown`. */
export function judge(state: StreamState, nowMs: number, settings: Pacing): Judgement {
  const { last, scene } = state
  const unknown = (reason: string) => ({ quality: 'unknown' as const, reason })
  const lost = lostReason(state, nowMs, settings)
  if (lost !== null || last === null) return unknown(lost ?? NOT_YET)
  if (scene.looks === 0) return unknown('finding out how large people are in this view')
  if (scene.looks < FIRST_LOOKS) return unknown('waiting for a second inference')
  const overdue = nowMs - last.atMs > Math.max(STALE_AFTER_MS, STALE_AFTER_INTERVALS * usualIntervalMs(state, settings))
  return { quality: overdue ? 'stale' : 'live', reason: overdue ? 'inference overdue' : null }
}

const NOT_YET = 'waiting for the first inference'

/** Why nobody looks at the picture now; null: somebody does, though it may be too early for a count. */
export function lostReason(state: StreamState, nowMs: number, settings: Pacing): string | null {
  const { captureGone, engineGone, last } = state
  if (captureGone !== null) return captureGone
  if (engineGone !== null) return engineGone
  if (last === null) return NOT_YET
  return nowMs - last.atMs > limitMs(state, settings) ? 'no fresh inference' : null
}

/** So long without a fresh inference, and nothing is known. */
export function limitMs(state: StreamState, settings: Pacing): number {
  return Math.max(UNKNOWN_AFTER_MS, UNKNOWN_AFTER_INTERVALS * usualIntervalMs(state, settings))
}

function usualIntervalMs({ pace, last }: StreamState, { detectFps }: Pacing): number {
  return Math.max(1_000 / detectFps, intervalOf(pace) ?? 0, last?.inferenceMs ?? 0)
}
