import type { Line } from '../../agent/counting/lines.ts'
import type { SceneSettings } from '../../agent/counting/scene.ts'
import type { Zone } from '../../agent/counting/zones.ts'
import type { Track } from '../../agent/tracking/track.ts'
import { Visitor } from './street-visitor.ts'

/** Down the middle of the picture. */
export const MIDDLE: Line = { id: 'middle', from: [0.5, 0], to: [0.5, 1] }

/** What one body height is in the picture. */
const BODY = { across: 0.056, down: 0.1 }
/** Where feet walk: farther apart than somebody lost is looked for, so that nobody is taken for a neighbour and the truth is certain. */
const LANES = [0.2, 0.45, 0.7, 0.95]

/** So many body heights right of the middle. */
const across = (bodies: number) => 0.5 + bodies * BODY.across
/** Right of the line, in body heights from it. */
const WINDOW = { from: 2, to: 7 }

/** All lanes, a piece of each. */
export const SHOP_WINDOW: Zone = {
  id: 'window',
  polygon: [
    [across(WINDOW.from), 0],
    [across(WINDOW.to), 0],
    [across(WINDOW.to), 1],
    [across(WINDOW.from), 1],
  ],
}

export const STREET: SceneSettings = {
  lines: [MIDDLE],
  zones: [SHOP_WINDOW],
  exclude: [],
  occupancy: { onAfterMs: 200, offAfterMs: 5_000, minPersons: 1 },
}

/** Longer than anybody lost is waited for: the next in a lane is nobody's continuation. */
const LEAST_WAIT_S = 7

interface Lane {
  readonly y: number
  visitor: Visitor | null
  nextMs: number
}

/** A street somebody made up, looked at by a camera: who is seen where, with all the faults of a detector, and what truly happened. */
export class Street {
  /** What everybody who came so far will have done when the street is empty. */
  readonly truth = { in: 0, out: 0, entered: 0, visitors: 0 }
  readonly #random: () => number
  readonly #waitS: (atMs: number) => number
  readonly #lanes: Lane[]
  #lastId = 0

  /** `waitS` says how long a lane stays empty on average at that time of the day. */
  constructor(random: () => number, waitS: (atMs: number) => number) {
    this.#random = random
    this.#waitS = waitS
    this.#lanes = LANES.map((y) => ({ y, visitor: null, nextMs: this.#next(0) }))
  }

  /** Nobody is in the picture. */
  get empty(): boolean {
    return this.#lanes.every(({ visitor }) => visitor === null)
  }

  /** What the tracker reports at this time, `afterMs` after the last. With `closed` nobody comes any more. */
  look(atMs: number, afterMs: number, { closed = false } = {}): Track[] {
    const tracks: Track[] = []
    for (const lane of this.#lanes) {
      if (lane.visitor === null && atMs >= lane.nextMs && !closed) lane.visitor = this.#come()
      const { visitor } = lane
      if (visitor === null) continue
      const seen = visitor.step(afterMs)
      if (seen) tracks.push(trackAt(seen.place, lane.y + seen.down * BODY.down, seen))
      if (!visitor.isGone) continue
      lane.visitor = null
      lane.nextMs = this.#next(atMs)
    }
    if (this.#random() < 0.02) tracks.push(this.#shadow())
    return tracks
  }

  #next(atMs: number): number {
    return atMs + 1_000 * (LEAST_WAIT_S - Math.log(1 - this.#random()) * this.#waitS(atMs))
  }

  #come(): Visitor {
    const visitor = new Visitor(this.#random, () => ++this.#lastId)
    this.truth.visitors++
    const { places } = visitor
    for (const [from, to] of pairsOf(places.filter((place) => place !== 0))) {
      if (from < 0 && to > 0) this.truth.in++
      if (from > 0 && to < 0) this.truth.out++
    }
    for (const [from, to] of pairsOf(places)) if (entersWindow(from, to)) this.truth.entered++
    return visitor
  }

  /** Nobody: a track that never counts, or a thing. */
  #shadow(): Track {
    const place = (this.#random() - 0.5) * 16
    const isThing = this.#random() < 0.5
    return { ...trackAt(place, this.#random(), { id: ++this.#lastId, confirmed: isThing, predicted: false }), classId: isThing ? 2 : 0 }
  }
}

function pairsOf(places: readonly number[]): [from: number, to: number][] {
  return places.slice(1).map((to, index) => [places[index] ?? to, to])
}

function entersWindow(from: number, to: number): boolean {
  const startsInside = from > WINDOW.from && from < WINDOW.to
  return !startsInside && Math.min(from, to) < WINDOW.to && Math.max(from, to) > WINDOW.from
}

function trackAt(place: number, y: number, { id, confirmed, predicted }: Pick<Track, 'id' | 'confirmed' | 'predicted'>): Track {
  const x = across(place)
  return { id, x1: x - BODY.across / 4, x2: x + BODY.across / 4, y1: y - BODY.down, y2: y, score: 0.8, classId: 0, confirmed, predicted }
}
