import type { Track } from '../tracking/track.ts'
import { FIRST_LOOKS } from '../tracking/tracker.ts'
import { type Occupancy, type OccupancySettings, stepOccupancy, unknownOccupancy } from './occupancy.ts'
import { fpsOf, intervalOf, noPace, type Pace, stepPace } from './pace.ts'
import { forgetIds, nobodyFound, type PeopleFound, stepFound } from './people-found.ts'
import { personCount } from './person-count.ts'

/** What the state needs of a frame's report. All times of this file are CLOCK_MONOTONIC in milliseconds. */
export interface Look {
  readonly generation: number
  readonly arrivedMs: number
  readonly inferenceUs: number
  readonly predicted: boolean
  /** The detector still guesses: it is alive, but proves nothing about who is there. */
  readonly tentative: boolean
  readonly tracks: readonly Track[]
}

/** What happens to a stream. */
export type StreamEvent = { readonly nowMs: number } & (
  | { readonly type: 'frame'; readonly report: Look; readonly epoch: number }
  /** Frames that came before count no more. (`generation` is not looked at: a new ring numbers from 1 again.) */
  | { readonly type: 'captureGone'; readonly generation?: number; readonly reason: string }
  | { readonly type: 'captureBack' }
  | { readonly type: 'engineGone'; readonly reason: string }
  | { readonly type: 'engineBack' }
  | { readonly type: 'tick' }
)

export interface StreamSettings {
  readonly detectFps: number
  readonly occupancy: OccupancySettings
}

export interface StreamState {
  /** Why there is no capture or no engine; null: there is. */
  readonly captureGone: string | null
  readonly engineGone: string | null
  /** Frames that arrived before are the past. */
  readonly pastMs: number
  readonly generation: number
  readonly epoch: number
  /** Fresh inferences without a break that were no guesses; 0: the last one was a guess. */
  readonly looks: number
  readonly last: { readonly count: number; readonly arrivedMs: number; readonly atMs: number; readonly inferenceMs: number } | null
  readonly pace: Pace
  readonly found: PeopleFound
  readonly occupancy: Occupancy
}

/** What can be said of a stream: null wherever we do not know. */
export interface StreamView {
  readonly quality: 'live' | 'stale' | 'unknown'
  readonly count: number | null
  readonly occupied: boolean | null
  /** Why the quality is not `live`. */
  readonly reason: string | null
  /** Age of the newest picture that was looked at. */
  readonly ageMs: number | null
  /** Fresh inferences a second. */
  readonly fps: number
  readonly inferenceMs: number | null
  /** Different people followed since the start. */
  readonly found: number
}

/** A stream of which nothing is known yet. */
export const newStream: StreamState = {
  captureGone: 'starting',
  engineGone: 'starting',
  pastMs: -Infinity,
  generation: 0,
  epoch: 0,
  looks: 0,
  last: null,
  pace: noPace,
  found: nobodyFound,
  occupancy: unknownOccupancy,
}

const UNKNOWN_AFTER_MS = 2_000
const UNKNOWN_AFTER_INTERVALS = 3
const STALE_AFTER_MS = 1_000
const STALE_AFTER_INTERVALS = 2

/** Steps the state by one event. Pure. */
export function stepStream(before: StreamState, event: StreamEvent, settings: StreamSettings): StreamState {
  const after = take(before, event, settings)
  const { count } = judge(after, event.nowMs, settings)
  const occupancy = stepOccupancy(after.occupancy, count, event.nowMs, settings.occupancy)
  return occupancy === after.occupancy ? after : { ...after, occupancy }
}

/** What can be said of the stream at `nowMs`. Send a `tick` first, so that occupancy has heard of the time. */
export function viewOf(state: StreamState, nowMs: number, settings: StreamSettings): StreamView {
  const judgement = judge(state, nowMs, settings)
  return {
    ...judgement,
    occupied: judgement.count === null ? null : state.occupancy.occupied,
    ageMs: state.last === null ? null : Math.max(0, nowMs - state.last.arrivedMs),
    fps: fpsOf(state.pace, nowMs),
    inferenceMs: state.last?.inferenceMs ?? null,
    found: state.found.total,
  }
}

function take(before: StreamState, event: StreamEvent, settings: StreamSettings): StreamState {
  switch (event.type) {
    case 'captureGone':
      return { ...forget(before), captureGone: event.reason, pastMs: event.nowMs }
    case 'captureBack':
      return before.captureGone === null ? before : { ...before, captureGone: null }
    case 'engineGone':
      return { ...forget(before), engineGone: event.reason, found: forgetIds(before.found) }
    case 'engineBack':
      return before.engineGone === null ? before : { ...before, engineGone: null }
    case 'frame':
      return takeFrame(before, event, settings)
    case 'tick':
      return before
  }
}

function takeFrame(before: StreamState, event: Extract<StreamEvent, { type: 'frame' }>, settings: StreamSettings): StreamState {
  const { report, epoch, nowMs } = event
  const isPast = report.arrivedMs <= before.pastMs || before.engineGone !== null
  if (report.predicted || isPast) return before
  const isNew = report.generation !== before.generation || epoch !== before.epoch
  const isBroken = before.last === null || nowMs - before.last.atMs > limitMs(before, settings)
  const { tentative, tracks } = report
  return {
    ...before,
    generation: report.generation,
    epoch,
    looks: tentative ? 0 : isNew || isBroken ? 1 : before.looks + 1,
    last: { count: personCount(tracks), arrivedMs: report.arrivedMs, atMs: nowMs, inferenceMs: report.inferenceUs / 1_000 },
    pace: stepPace(isNew ? noPace : before.pace, nowMs),
    found: tentative ? before.found : stepFound(before.found, tracks, epoch),
  }
}

/** The past says nothing any more; totals and the memory of occupancy stay. */
function forget(state: StreamState): StreamState {
  return { ...state, last: null, looks: 0, pace: noPace }
}

function judge(state: StreamState, nowMs: number, settings: StreamSettings): Pick<StreamView, 'quality' | 'count' | 'reason'> {
  const { last } = state
  const unknown = (reason: string) => ({ quality: 'unknown' as const, count: null, reason })
  if (state.captureGone !== null) return unknown(state.captureGone)
  if (state.engineGone !== null) return unknown(state.engineGone)
  if (last === null) return unknown('waiting for the first inference')
  const waitedMs = nowMs - last.atMs
  if (waitedMs > limitMs(state, settings)) return unknown('no fresh inference')
  if (state.looks === 0) return unknown('finding out how large people are in this view')
  if (state.looks < FIRST_LOOKS) return unknown('waiting for a second inference')
  const overdue = waitedMs > Math.max(STALE_AFTER_MS, STALE_AFTER_INTERVALS * usualIntervalMs(state, settings))
  return { quality: overdue ? 'stale' : 'live', count: last.count, reason: overdue ? 'inference overdue' : null }
}

function limitMs(state: StreamState, settings: StreamSettings): number {
  return Math.max(UNKNOWN_AFTER_MS, UNKNOWN_AFTER_INTERVALS * usualIntervalMs(state, settings))
}

function usualIntervalMs({ pace, last }: StreamState, { detectFps }: StreamSettings): number {
  return Math.max(1_000 / detectFps, intervalOf(pace) ?? 0, last?.inferenceMs ?? 0)
}
