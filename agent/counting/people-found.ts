import type { Track } from '../tracking/track.ts'
import { peopleIn } from './person-count.ts'

/** How many different people were followed since the start. Engines number their tracks from 1, so an id counts once an engine. */
export interface PeopleFound {
  readonly total: number
  readonly epoch: number
  /** Ids that are already counted, the latest last. */
  readonly counted: ReadonlySet<number>
}

/** Nobody yet. */
export const nobodyFound: PeopleFound = { total: 0, epoch: 0, counted: new Set() }

/** A tracker never gives an id again, so those who are not in view need not be remembered long. */
const MOST_REMEMBERED = 256

/** Steps the total by the tracks of one frame. */
export function stepFound(before: PeopleFound, tracks: readonly Track[], epoch: number): PeopleFound {
  const sameEngine = before.epoch === epoch
  const known: ReadonlySet<number> = sameEngine ? before.counted : new Set()
  const ids = peopleIn(tracks).map(({ id }) => id)
  const newcomers = ids.filter((id) => !known.has(id))
  if (newcomers.length === 0) return sameEngine ? before : { ...before, epoch, counted: known }
  // Those in view go last: however long they stay, they are not forgotten and counted again.
  const absent = [...known].filter((id) => !ids.includes(id))
  return { total: before.total + newcomers.length, epoch, counted: new Set([...absent.slice(-MOST_REMEMBERED), ...ids]) }
}

/** The total without the ids: the engine that gave them is gone. */
export function forgetIds(found: PeopleFound): PeopleFound {
  return { ...found, counted: new Set() }
}
