import { PERSON, type Track } from '../tracking/track.ts'

/** The people in view: confirmed tracks of class 0, those that the tracker bridges for a few frames among them. */
export function peopleIn(tracks: readonly Track[]): Track[] {
  return tracks.filter(({ classId, confirmed }) => classId === PERSON && confirmed)
}

/** How many people are in view. */
export function personCount(tracks: readonly Track[]): number {
  return peopleIn(tracks).length
}
