import type { Track } from '../tracking/track.ts'
import { fpsOf, noPace, type Pace, stepPace } from './pace.ts'
import { forgetIds, nobodyFound, type PeopleFound, stepFound } from './people-found.ts'
import { newScene, type SceneEvent, type SceneInput, type SceneSettings, type SceneState, stepScene } from './scene.ts'
import { viewOfScene, type ZoneView } from './scene-view.ts'
import { type Judgement, judge, limitMs, lostReason } from './stream-quality.ts'
import { isCounted } from './zones.ts'

/** What the state needs of a frame's report. All times of this file are CLOCK_MONOTONIC in milliseconds, but for `pictureMs`. */
export interface Look {
  readonly generation: number
  readonly arrivedMs: number
  /** When the picture was taken, on the clock that people in it move by: that of a live camera is `arrivedMs`, that of a file its PTS. */
  readonly pictureMs: number
  readonly inferenceUs: number
  readonly predicted: boolean
  /** The detector still guesses: it is alive, but proves nothing about who is there. */
  readonly tentative: boolean
  readonly tracks: readonly Track[]
}

/** What happens to a stream. */
export type StreamInput =
  | { readonly type: 'frame'; readonly report: Look; readonly epoch: number }
  /** Frames that came before count no more. `ended`: a file is over, who was lost in it does not come back. */
  | { readonly type: 'captureGone'; readonly reason: string; readonly ended?: boolean }
  | { readonly type: 'captureBack' }
  | { readonly type: 'engineGone'; readonly reason: string }
  | { readonly type: 'engineBack' }
  | { readonly type: 'tick' }

/** … and when. */
export type TimedStreamInput = { readonly nowMs: number } & StreamInput

export interface StreamSettings extends SceneSettings {
  readonly detectFps: number
}

export interface StreamState {
  /** Why there is no capture or no engine; null: there is. */
  readonly captureGone: string | null
  readonly engineGone: string | null
  /** Frames that arrived before are the past. */
  readonly pastMs: number
  readonly last: { readonly arrivedMs: number; readonly atMs: number; readonly inferenceMs: number } | null
  readonly pace: Pace
  readonly found: PeopleFound
  readonly scene: SceneState
  /** How far the clock of the pictures is behind ours. */
  readonly lagMs: number
}

/** What can be said of a stream: null wherever we do not know. */
export interface StreamView extends Judgement {
  readonly count: number | null
  readonly occupied: boolean | null
  /** Age of the newest picture that was looked at. */
  readonly ageMs: number | null
  /** Fresh inferences a second. */
  readonly fps: number
  readonly inferenceMs: number | null
  /** Different people followed since the start. */
  readonly found: number
  /** Different people of the last hour, as far as somebody watched. */
  readonly uniqueLastHour: number | null
  readonly zones: Readonly<Record<string, ZoneView>>
}

export interface SteppedStream {
  readonly state: StreamState
  /** In order of their times, which are those of the pictures' clock. */
  readonly events: readonly SceneEvent[]
}

/** A stream of which nothing is known yet. */
export const newStream: StreamState = {
  captureGone: 'starting',
  engineGone: 'starting',
  pastMs: -Infinity,
  last: null,
  pace: noPace,
  found: nobodyFound,
  scene: newScene,
  lagMs: 0,
}

/** Steps the state by one event. Pure. */
export function stepStream(before: StreamState, event: TimedStreamInput, settings: StreamSettings): SteppedStream {
  switch (event.type) {
    case 'captureGone': {
      const gone = { ...forget(before), captureGone: event.reason, pastMs: event.nowMs }
      const over = event.ended ? tellScene(gone, { type: 'end', nowMs: pictureClock(gone, event.nowMs) }, settings) : unchanged(gone)
      return pass(over, event.nowMs, settings)
    }
    case 'captureBack':
      return unchanged(before.captureGone === null ? before : { ...before, captureGone: null })
    case 'engineGone': {
      const gone = { ...forget(before), engineGone: event.reason, found: forgetIds(before.found) }
      return pass(unchanged(gone), event.nowMs, settings)
    }
    case 'engineBack':
      return unchanged(before.engineGone === null ? before : { ...before, engineGone: null })
    case 'frame':
      return takeFrame(before, event, settings)
    case 'tick':
      return pass(unchanged(before), event.nowMs, settings)
  }
}

/** What can be said of the stream at `nowMs`. Send a `tick` first, so that occupancy has heard of the time. */
export function viewOf(state: StreamState, nowMs: number, settings: StreamSettings): StreamView {
  const { quality, reason } = judge(state, nowMs, settings)
  const isKnown = quality !== 'unknown'
  const { count, occupied, zones, uniquesInHour } = viewOfScene(state.scene, pictureClock(state, nowMs))
  return {
    quality,
    reason,
    count: isKnown ? count : null,
    occupied: isKnown ? occupied : null,
    zones: isKnown ? zones : withoutCounts(zones),
    ageMs: state.last === null ? null : Math.max(0, nowMs - state.last.arrivedMs),
    fps: fpsOf(state.pace, nowMs),
    inferenceMs: state.last?.inferenceMs ?? null,
    found: state.found.total,
    // Fewer and fewer would be told of, down to 0, though nobody knows who comes.
    uniqueLastHour: isKnown ? uniquesInHour : null,
  }
}

/** What the clock of the pictures says at a time of ours. */
export function pictureClock({ lagMs }: StreamState, nowMs: number): number {
  return nowMs - lagMs
}

function withoutCounts(zones: StreamView['zones']): StreamView['zones'] {
  return Object.fromEntries(Object.entries(zones).map(([id, zone]) => [id, { ...zone, count: null }]))
}

function takeFrame(before: StreamState, event: Extract<TimedStreamInput, { type: 'frame' }>, settings: StreamSettings): SteppedStream {
  const { report, epoch, nowMs } = event
  const isPast = report.arrivedMs <= before.pastMs || before.engineGone !== null
  if (report.predicted || isPast) return unchanged(before)
  const { generation, pictureMs, tentative, predicted, tracks } = report
  const isNew = generation !== before.scene.generation || epoch !== before.scene.epoch
  const isBroken = before.last === null || nowMs - before.last.atMs > limitMs(before, settings)
  const counted = tracks.filter((track) => isCounted(track, settings.exclude))
  const looked = {
    ...(isBroken ? unknownScene(before, nowMs, settings) : before),
    lagMs: nowMs - pictureMs,
    last: { arrivedMs: report.arrivedMs, atMs: nowMs, inferenceMs: report.inferenceUs / 1_000 },
    pace: stepPace(isNew ? noPace : before.pace, nowMs),
    found: tentative ? before.found : stepFound(before.found, counted, epoch),
  }
  return tellScene(looked, { type: 'look', look: { generation, epoch, atMs: pictureMs, predicted, tentative, tracks } }, settings)
}

/** Time has passed: the scene hears of it, and of what is no longer known. */
function pass({ state, events }: SteppedStream, nowMs: number, settings: StreamSettings): SteppedStream {
  // Not `unknown` after a first look: two of them make a count, however long the time between.
  const isLost = lostReason(state, nowMs, settings) !== null
  const passed = tellScene(state, { type: isLost ? 'unknown' : 'tick', nowMs: pictureClock(state, nowMs) }, settings)
  return { state: passed.state, events: [...events, ...passed.events] }
}

function unknownScene(state: StreamState, nowMs: number, settings: StreamSettings): StreamState {
  return tellScene(state, { type: 'unknown', nowMs: pictureClock(state, nowMs) }, settings).state
}

function tellScene(state: StreamState, input: SceneInput, settings: StreamSettings): SteppedStream {
  const { state: scene, events } = stepScene(state.scene, input, settings)
  return { state: scene === state.scene ? state : { ...state, scene }, events }
}

function unchanged(state: StreamState): SteppedStream {
  return { state, events: [] }
}

/** The past says nothing any more; totals and the memory of the scene stay. */
function forget(state: StreamState): StreamState {
  return { ...state, last: null, pace: noPace }
}
