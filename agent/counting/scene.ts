import type { Track } from '../tracking/track.ts'
import { FIRST_LOOKS } from '../tracking/tracker.ts'
import type { Point } from './geometry.ts'
import { type Crossing, type Line, type LineState, lineStateOf, stepLine } from './lines.ts'
import { type Occupancy, type OccupancySettings, stepOccupancy, unknownOccupancy } from './occupancy.ts'
import { personCount } from './person-count.ts'
import { LOST_LIMIT_MS, nobody, type People, type Person, stepPeople } from './scene-people.ts'
import { newArrivals, newVisitors, stepVisitors, type Visitors } from './scene-visitors.ts'
import { type Smoothed, stepSmoothing, unknownCount } from './smoothing.ts'
import { isCounted, stepZone, type Zone, type ZoneEvent, type ZoneState, zoneCount, zoneStateOf } from './zones.ts'

/** Where one stream counts. */
export interface SceneSettings {
  readonly lines: readonly Line[]
  readonly zones: readonly Zone[]
  /** Whose foot lies in one of these polygons does not count at all. */
  readonly exclude: readonly (readonly Point[])[]
  readonly occupancy: OccupancySettings
}

/** What the detector saw of one picture. */
export interface SceneLook {
  /** Of the ring's writer: another one, another picture. */
  readonly generation: number
  /** Of the engine: another one numbers its tracks anew. */
  readonly epoch: number
  /** When the picture was taken, CLOCK_MONOTONIC (or the clock of a file) in milliseconds. */
  readonly atMs: number
  readonly predicted: boolean
  readonly tentative: boolean
  readonly tracks: readonly Track[]
}

/** What a scene is told. `unknown`: nobody can say now who is there. `tick`: time passes. `end`: a file is over, who is lost does not come back. */
export type SceneInput =
  | { readonly type: 'look'; readonly look: SceneLook }
  | { readonly type: 'unknown' | 'tick' | 'end'; readonly nowMs: number }

export type SceneEvent = Crossing | ZoneEvent | { readonly type: 'occupied' | 'vacant'; readonly atMs: number }

/** Everything one stream counts, but for totals. Bounded, whatever is seen for however long. */
export interface SceneState {
  readonly generation: number
  readonly epoch: number
  /** Of the last look; -Infinity: none. */
  readonly atMs: number
  /** Looks since it was unknown who is there. */
  readonly looks: number
  readonly people: People
  readonly lines: readonly LineState[]
  readonly zones: readonly ZoneState[]
  /** As the last look has it; null: unknown. */
  readonly seen: number | null
  readonly count: Smoothed
  readonly zoneCounts: ReadonlyMap<string, Smoothed>
  readonly occupancy: Occupancy
  readonly visitors: Visitors
}

/** A scene nobody has looked at. */
export const newScene: SceneState = {
  generation: 0,
  epoch: 0,
  atMs: -Infinity,
  looks: 0,
  people: nobody,
  lines: [],
  zones: [],
  seen: null,
  count: unknownCount,
  zoneCounts: new Map(),
  occupancy: unknownOccupancy,
  visitors: newVisitors,
}

interface Stepped {
  readonly state: SceneState
  readonly events: readonly SceneEvent[]
}

/** Steps everything a stream counts. Pure; events come in order of their times. */
export function stepScene(before: SceneState, input: SceneInput, settings: SceneSettings): Stepped {
  if (input.type === 'end') return end(before)
  if (input.type !== 'look') {
    const state = input.type === 'unknown' ? unknown(before) : before
    return withOccupancy({ state, events: [] }, input.nowMs, settings)
  }
  const { look } = input
  if (look.predicted) return { state: before, events: [] }
  const isSame = look.generation === before.generation && look.epoch === before.epoch
  // A clock that runs backwards stands still, unless the picture is another one.
  const atMs = isSame ? Math.max(look.atMs, before.atMs) : look.atMs
  const continued = isSame && atMs - before.atMs <= LOST_LIMIT_MS
  const scene = continued ? before : brokenOff(isSame ? before : unknown(before), { ...look, atMs })
  const stepped = look.tentative ? { state: unknown(scene), events: [] } : takeLook(scene, { ...look, atMs }, settings)
  return withOccupancy(stepped, atMs, settings)
}

/**
 * Who was there is neither followed any further nor said to have left: nobody saw it. A slow detector's count is still one: whether too
 * much time has passed for that is not the scene's to say.
 */
function brokenOff(before: SceneState, { generation, epoch, atMs }: SceneLook): SceneState {
  const { people, visitors } = before
  return {
    ...before,
    generation,
    epoch,
    // Numbers are never given again, so that lines and zones forget by themselves.
    people: { ...nobody, lastId: people.lastId },
    visitors: newArrivals(visitors, people.persons, { lastMs: before.atMs, atMs }),
  }
}

function unknown(before: SceneState): SceneState {
  return before.seen === null && before.looks === 0
    ? before
    : { ...before, looks: 0, seen: null, count: unknownCount, zoneCounts: new Map() }
}

/** Nobody is followed any further. */
function end(before: SceneState): Stepped {
  const { people, atMs } = before
  const stay = { persons: [], gone: people.persons.filter(({ seenMs }) => seenMs < atMs), atMs }
  const lines = before.lines.map((state) => stepLine(state, stay))
  const zones = before.zones.map((state) => stepZone(state, stay))
  const state = {
    ...unknown(before),
    people: { ...nobody, lastId: people.lastId },
    lines: lines.map((line) => line.state),
    zones: zones.map((zone) => zone.state),
  }
  return { state, events: inOrder(lines, zones) }
}

function takeLook(before: SceneState, { atMs, tracks }: SceneLook, settings: SceneSettings): Stepped {
  const counted = settings.exclude.length === 0 ? tracks : tracks.filter((track) => isCounted(track, settings.exclude))
  const { people, gone } = stepPeople(before.people, counted, atMs)
  const { persons } = people
  const step = { persons, gone, atMs }
  const lines = settings.lines.map((line) => stepLine(lineStateOf(before.lines, line), step))
  const zones = settings.zones.map((zone) => stepZone(zoneStateOf(before.zones, zone), step))
  const looks = before.looks + 1
  const seen = looks < FIRST_LOOKS ? null : personCount(counted)
  const { generation, epoch, occupancy } = before
  const zoneStates = zones.map((zone) => zone.state)
  // Written out: a spread costs as much as all the rest, and this runs for each look of each camera.
  const state: SceneState = {
    generation,
    epoch,
    atMs,
    looks,
    people,
    lines: lines.map((line) => line.state),
    zones: zoneStates,
    seen,
    count: stepSmoothing(before.count, seen, atMs),
    zoneCounts: zoneCounts(before, { zones: zoneStates, persons, isKnown: seen !== null, atMs }),
    occupancy,
    visitors: stepVisitors(before.visitors, before.people.persons, persons, atMs),
  }
  return { state, events: inOrder(lines, zones) }
}

function inOrder(lines: readonly { crossings: readonly Crossing[] }[], zones: readonly { events: readonly ZoneEvent[] }[]): SceneEvent[] {
  const events: SceneEvent[] = []
  for (const { crossings } of lines) events.push(...crossings)
  for (const zone of zones) events.push(...zone.events)
  return events.sort((a, b) => a.atMs - b.atMs)
}

interface ZonesSeen {
  readonly zones: readonly ZoneState[]
  readonly persons: readonly Person[]
  readonly isKnown: boolean
  readonly atMs: number
}

function zoneCounts({ zoneCounts: before }: SceneState, { zones, persons, isKnown, atMs }: ZonesSeen): Map<string, Smoothed> {
  return new Map(
    zones.map((state) => {
      const count = isKnown ? zoneCount(state, persons) : null
      return [state.zone.id, stepSmoothing(before.get(state.zone.id) ?? unknownCount, count, atMs)]
    }),
  )
}

/** The first thing known ever is no event: nothing has changed that we know of. */
function withOccupancy({ state, events }: Stepped, nowMs: number, settings: SceneSettings): Stepped {
  const occupancy = stepOccupancy(state.occupancy, state.seen, nowMs, settings.occupancy)
  if (occupancy === state.occupancy) return { state, events }
  const was = state.occupancy.occupied
  const changed = was !== null && occupancy.occupied !== null && was !== occupancy.occupied
  const event = { type: occupancy.occupied === true ? ('occupied' as const) : ('vacant' as const), atMs: nowMs }
  return { state: { ...state, occupancy }, events: changed ? [...events, event] : events }
}
