import { distanceFromLine, type Point, passesBetween, type Segment, samePoints } from './geometry.ts'
import type { PeopleStep, Person } from './scene-people.ts'

/** A line somebody draws into the picture; `in` goes from the + to the − side of cross(to − from, foot − from). */
export interface Line extends Segment {
  readonly id: string
}

export interface Crossing {
  readonly type: 'line_in' | 'line_out'
  readonly line: string
  /** The tracker's id. */
  readonly track: number
  /** When the foot was first clearly on the other side. */
  readonly atMs: number
}

type Side = 1 | -1

/** How one person stands to one line. */
interface Standing {
  /** The side that is settled; null until the foot was clearly on one. */
  readonly side: Side | null
  /** Where the foot was last, and on which side. */
  readonly foot: Point
  readonly footSide: Side
  /** Passages between the ends of the line since the foot was clearly on the settled side: + → − is 1, back is −1. */
  readonly passages: number
  /** Clear looks at the other side, with none at the settled one between them. */
  readonly beyond: { readonly sinceMs: number; readonly looks: number } | null
  /** Crossed, and not far from the line since. */
  readonly lingers: boolean
}

/** One line and everybody near it. */
export interface LineState {
  readonly line: Line
  readonly standings: ReadonlyMap<number, Standing>
}

/** The state of a line among those of before. A line that was moved is a new one: who stood beside the old one has not crossed it. */
export function lineStateOf(before: readonly LineState[], line: Line): LineState {
  const state = before.find((one) => one.line.id === line.id)
  if (state !== undefined && samePoints([state.line.from, state.line.to], [line.from, line.to])) return state
  return { line, standings: new Map() }
}

// Distances in body heights.
/** Nearer to the line a foot is on no side: boxes tremble. */
const BAND = 0.2
/** For whom is lost this is far enough: people walk out of the picture, and through doors, right behind a line. */
const LOST_BAND = 0.05
/** Who has just crossed must come back this far to be counted back: swaying on the line is no traffic. */
const RETURN_BAND = 0.5
/** … or stay there for this time, or be lost. */
const RETURN_AFTER_MS = 5_000
/**
 * Who has not been found for so long, and was last seen beyond the line, is taken to have crossed it. Another track may continue them when
 * it begins within two seconds, and then needs a few looks until it counts.
 */
const LOST_AFTER_MS = 3_000
/** Who went this far away has left the line. */
const LEFT_BAND = 1
/** One look may be mistaken. */
const CLEAR_LOOKS = 2

/** Steps a line by one look at everybody. Who is lost, and was last seen beyond the line, has crossed it. */
export function stepLine(
  { line, standings }: LineState,
  { persons, gone, atMs }: PeopleStep,
): { state: LineState; crossings: readonly Crossing[] } {
  const crossings: Crossing[] = []
  const next = new Map<number, Standing>()
  for (const person of persons) {
    let standing = standings.get(person.id)
    for (const foot of person.path) {
      const moved = move(line, standing, person, foot, atMs)
      standing = isOver(moved, line, person, atMs) ? settle(moved, line, person, crossings) : moved
    }
    if (standing === undefined) continue
    const lost = atMs - person.seenMs >= LOST_AFTER_MS && isLostBeyond(standing, line, person)
    next.set(person.id, lost ? settle(standing, line, person, crossings) : standing)
  }
  for (const person of gone) {
    const standing = standings.get(person.id)
    if (standing !== undefined && isLostBeyond(standing, line, person)) settle(standing, line, person, crossings)
  }
  return { state: { line, standings: next }, crossings }
}

function move(line: Line, before: Standing | undefined, { scale }: Person, foot: Point, atMs: number): Standing {
  const distance = distanceFromLine(line, foot, scale)
  const footSide = sideOf(distance)
  const clear = Math.abs(distance) >= BAND
  if (before === undefined) return { side: clear ? footSide : null, foot, footSide, passages: 0, beyond: null, lingers: false }
  const { side } = before
  if (side === null || (clear && footSide === side)) {
    const lingers = before.lingers && Math.abs(distance) < LEFT_BAND
    return { side: clear ? footSide : null, foot, footSide, passages: 0, beyond: null, lingers }
  }
  const passed = footSide !== before.footSide && passesBetween(line, before.foot, foot)
  const passages = before.passages + (passed ? before.footSide : 0)
  const { beyond } = before
  if (!clear) return { ...before, foot, footSide, passages, beyond: footSide === side ? null : beyond }
  return { ...before, foot, footSide, passages, beyond: { sinceMs: beyond?.sinceMs ?? atMs, looks: (beyond?.looks ?? 0) + 1 } }
}

function isOver({ beyond, lingers, side, footSide, foot }: Standing, line: Line, { scale }: Person, atMs: number): boolean {
  if (beyond === null || footSide === side || beyond.looks < CLEAR_LOOKS) return false
  return !lingers || Math.abs(distanceFromLine(line, foot, scale)) >= RETURN_BAND || atMs - beyond.sinceMs >= RETURN_AFTER_MS
}

function isLostBeyond({ side, footSide, foot }: Standing, line: Line, { scale }: Person): boolean {
  return side !== null && footSide !== side && Math.abs(distanceFromLine(line, foot, scale)) >= LOST_BAND
}

/** The other side is the settled one now; a crossing if the way led between the ends. */
function settle(standing: Standing, line: Line, { track, seenMs, scale }: Person, crossings: Crossing[]): Standing {
  const { foot, footSide, beyond, passages } = standing
  const crossed = Math.sign(passages) === -footSide
  if (crossed) crossings.push({ type: footSide === -1 ? 'line_in' : 'line_out', line: line.id, track, atMs: beyond?.sinceMs ?? seenMs })
  const lingers = crossed && Math.abs(distanceFromLine(line, foot, scale)) < LEFT_BAND
  return { ...standing, side: footSide, passages: 0, beyond: null, lingers }
}

function sideOf(distance: number): Side {
  return distance >= 0 ? 1 : -1
}
