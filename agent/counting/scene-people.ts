import { PERSON, type Track } from '../tracking/track.ts'
import { distanceBetween, footOf, type Point, type Scale, scaleOf } from './geometry.ts'

/** Somebody who is followed, under one number even when the tracker gave another id on the way. */
export interface Person {
  readonly id: number
  /** The tracker's id now. */
  readonly track: number
  /** Where the feet were found last, never where the motion model expects them. */
  readonly foot: Point
  readonly scale: Scale
  readonly firstMs: number
  /** When found last. */
  readonly seenMs: number
  /** Feet found since the last step, oldest first: none when the person was not found. */
  readonly path: readonly Point[]
  /** In the tracker's report, found or bridged. */
  readonly inView: boolean
}

/** A track that does not count yet. */
interface Newcomer {
  readonly foot: Point
  readonly firstMs: number
}

/** Everybody in one picture and those who were lost a moment ago. Bounded: the tracker follows a bounded number, the lost are forgotten. */
export interface People {
  readonly persons: readonly Person[]
  readonly newcomers: ReadonlyMap<number, Newcomer>
  readonly lastId: number
}

/** What lines and zones are told of one look. */
export interface PeopleStep {
  readonly persons: readonly Person[]
  /** Lost for so long that they do not come back. */
  readonly gone: readonly Person[]
  readonly atMs: number
}

/** Nobody. */
export const nobody: People = { persons: [], newcomers: new Map(), lastId: 0 }

/** As long as the tracker remembers somebody; who comes back later is somebody else. */
export const LOST_LIMIT_MS = 5_000
/** A new track continues a lost one that was found no longer ago than this … */
const HAND_OVER_MS = 2_000
/** … and no farther away than somebody walks in that time, in body heights … */
const REACH = 0.4
const REACH_PER_S = 0.8
const LONGEST_REACH = 1.2
/** … and of about the same size. */
const SIZE_RATIO = 1.6

/** Takes the tracks of one look and says, beside those followed now, who is gone for good. */
export function stepPeople(before: People, tracks: readonly Track[], atMs: number): { people: People; gone: readonly Person[] } {
  const reported = new Map<number, Track>()
  for (const track of tracks) if (track.classId === PERSON) reported.set(track.id, track)
  const persons: Person[] = []
  const gone: Person[] = []
  const known = new Set<number>()
  for (const earlier of before.persons) {
    const person = follow(earlier, reported.get(earlier.track), atMs)
    if (atMs - person.seenMs > LOST_LIMIT_MS) gone.push(person)
    else {
      persons.push(person)
      known.add(person.track)
    }
  }
  const newcomers = new Map<number, Newcomer>()
  const people = { persons, lastId: before.lastId }
  for (const track of reported.values()) {
    if (known.has(track.id)) continue
    const newcomer = before.newcomers.get(track.id) ?? { foot: footOf(track), firstMs: atMs }
    if (!track.confirmed) newcomers.set(track.id, newcomer)
    else if (!track.predicted) admit(people, track, newcomer, atMs)
  }
  return { people: { persons, newcomers, lastId: people.lastId }, gone }
}

function follow(person: Person, track: Track | undefined, atMs: number): Person {
  if (track === undefined || track.predicted) return { ...person, path: [], inView: track !== undefined }
  const foot = footOf(track)
  const { id, firstMs } = person
  // Written out: a spread costs more than all the rest, and this runs for each person in each look.
  return { id, track: track.id, foot, scale: scaleOf(track), firstMs, seenMs: atMs, path: [foot], inView: true }
}

/** A track that counts from now on: somebody lost near it, or somebody new. What it was seen doing before it counted is told now. */
function admit(people: { persons: Person[]; lastId: number }, track: Track, { foot: firstFoot, firstMs }: Newcomer, atMs: number): void {
  const foot = footOf(track)
  const scale = scaleOf(track)
  const path = firstMs < atMs ? [firstFoot, foot] : [foot]
  const index = nearestLost(people.persons, firstFoot, scale, firstMs)
  const lost = people.persons[index]
  const now = { track: track.id, foot, scale, seenMs: atMs, path, inView: true }
  if (lost === undefined) people.persons.push({ id: ++people.lastId, firstMs, ...now })
  else people.persons[index] = { ...lost, ...now }
}

/** The index of the lost person whom a track that began at `foot` most likely continues, or −1. */
function nearestLost(persons: readonly Person[], foot: Point, scale: Scale, firstMs: number): number {
  let nearest = -1
  let least = Infinity
  for (const [index, person] of persons.entries()) {
    const lostMs = firstMs - person.seenMs
    if (person.path.length > 0 || lostMs <= 0 || lostMs > HAND_OVER_MS) continue
    const ratio = person.scale.down / scale.down
    if (ratio > SIZE_RATIO || ratio < 1 / SIZE_RATIO) continue
    const distance = distanceBetween(person.foot, foot, scale)
    if (distance > Math.min(REACH + (REACH_PER_S * lostMs) / 1_000, LONGEST_REACH) || distance >= least) continue
    nearest = index
    least = distance
  }
  return nearest
}
