import type { Box } from '../tracking/track.ts'
import { depthIn, footOf, isIn, type Point, samePoints } from './geometry.ts'
import type { PeopleStep, Person } from './scene-people.ts'
import { type Dwells, noDwells, stepDwells } from './zones-dwell.ts'

/** A named part of the picture. */
export interface Zone {
  readonly id: string
  readonly polygon: readonly Point[]
}

export interface ZoneEvent {
  readonly type: 'zone_enter' | 'zone_leave'
  readonly zone: string
  /** The tracker's id. */
  readonly track: number
  readonly atMs: number
  /** Only of `zone_leave`. */
  readonly dwellMs?: number
}

/** How one person stands to one zone. */
interface Stay {
  /** Since when the person is in the zone; null: is not. */
  readonly enteredMs: number | null
  /** Looks that say otherwise, without a break. */
  readonly otherwise: { readonly sinceMs: number; readonly looks: number } | null
}

/** One zone, who is in it and how long people stayed. */
export interface ZoneState {
  readonly zone: Zone
  readonly stays: ReadonlyMap<number, Stay>
  readonly dwells: Dwells
}

/** The state of a zone among those of before; one that was moved is a new one, in which nobody was yet. */
export function zoneStateOf(before: readonly ZoneState[], zone: Zone): ZoneState {
  const state = before.find((one) => one.zone.id === zone.id)
  return state !== undefined && samePoints(state.zone.polygon, zone.polygon) ? state : { zone, stays: new Map(), dwells: noDwells }
}

/** Who is this far over the border, in body heights, has crossed it … */
const MARGIN = 0.1
/** … once one more look says so; who is not, after this time. */
const CLEAR_LOOKS = 2
const SETTLED_MS = 1_000

/** Whether a box counts at all: its foot lies in none of the excluded polygons. */
export function isCounted(box: Box, exclude: readonly (readonly Point[])[]): boolean {
  return !exclude.some((polygon) => isIn(polygon, footOf(box)))
}

/** Steps a zone by one look at everybody. Who is gone left when seen last. */
export function stepZone(before: ZoneState, { persons, gone, atMs }: PeopleStep): { state: ZoneState; events: readonly ZoneEvent[] } {
  const { zone } = before
  const events: ZoneEvent[] = []
  const stays = new Map<number, Stay>()
  let { dwells } = before
  const leave = ({ track }: Person, enteredMs: number, leftMs: number) => {
    const dwellMs = Math.max(0, leftMs - enteredMs)
    events.push({ type: 'zone_leave', zone: zone.id, track, atMs: leftMs, dwellMs })
    dwells = stepDwells(dwells, dwellMs)
  }
  for (const person of persons) {
    const stay = before.stays.get(person.id)
    const next = person.path.length === 0 ? stay : look(zone, stay, person, atMs)
    if (next === undefined) continue
    stays.set(person.id, next)
    const wasMs = stay?.enteredMs ?? null
    if (wasMs === null && next.enteredMs !== null)
      events.push({ type: 'zone_enter', zone: zone.id, track: person.track, atMs: next.enteredMs })
    if (wasMs !== null && next.enteredMs === null) leave(person, wasMs, stay?.otherwise?.sinceMs ?? atMs)
  }
  for (const person of gone) {
    const enteredMs = before.stays.get(person.id)?.enteredMs ?? null
    if (enteredMs !== null) leave(person, enteredMs, person.seenMs)
  }
  return { state: { zone, stays, dwells }, events }
}

/** How many people in view are in the zone. */
export function zoneCount({ stays }: ZoneState, persons: readonly Person[]): number {
  return persons.filter(({ id, inView }) => inView && (stays.get(id)?.enteredMs ?? null) !== null).length
}

function look(zone: Zone, stay: Stay | undefined, { foot, scale }: Person, atMs: number): Stay {
  const depth = depthIn(zone.polygon, foot, scale)
  const inside = depth >= 0
  if (stay === undefined) return { enteredMs: inside ? atMs : null, otherwise: null }
  if (inside === (stay.enteredMs !== null)) return stay.otherwise === null ? stay : { ...stay, otherwise: null }
  const sinceMs = stay.otherwise?.sinceMs ?? atMs
  const looks = (stay.otherwise?.looks ?? 0) + 1
  const settled = (Math.abs(depth) >= MARGIN && looks >= CLEAR_LOOKS) || atMs - sinceMs >= SETTLED_MS
  return settled ? { enteredMs: inside ? sinceMs : null, otherwise: null } : { ...stay, otherwise: { sinceMs, looks } }
}
