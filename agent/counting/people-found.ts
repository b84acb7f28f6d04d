import type { Track } from '../tracking/track.ts'
import { peopleIn } from './person-count.ts'

/** How many different people were followed since the start. Engines number their tracks from 1, so an id counts once an engine. */
export interface PeopleFound {
  readonly total: number
  readonly epoch: number
  /** Ids that are already counted, with the time they were seen last. */
  readonly counted: ReadonlyMap<number, number>
}

/** Nobody yet. */
export const nobodyFound: PeopleFound = { total: 0, epoch: 0, counted: new Map() }

/** A tracker never gives an id again that it has not shown for this long, so it need not be remembered. */
const FORGET_AFTER_MS = 60_000
const FORGET_FROM = 256

/** Steps the total by the tracks of one frame. */
export function stepFound(before: PeopleFound, tracks: readonly Track[], epoch: number, nowMs: number): PeopleFound {
  const people = peopleIn(tracks)
  const sameEngine = before.epoch === epoch
  if (people.length === 0 && sameEngine) return before
  const counted = new Map(sameEngine ? before.counted : [])
  const newcomers = people.filter(({ id }) => !counted.has(id)).length
  for (const { id } of people) counted.set(id, nowMs)
  if (counted.size > FORGET_FROM) for (const [id, seenMs] of counted) if (nowMs - seenMs > FORGET_AFTER_MS) counted.delete(id)
  return { total: before.total + newcomers, epoch, counted }
}

/** The total without the ids: the engine that gave them is gone. */
export function forgetIds(found: PeopleFound): PeopleFound {
  return { ...found, counted: new Map() }
}
