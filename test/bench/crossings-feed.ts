import { type Area, insideOf, nobodyInside, stepInside } from '../../agent/counting/areas.ts'
import type { Crossing } from '../../agent/counting/lines.ts'

/** A made-up crossing; its track is its number, so that it is known again wherever it turns up. */
export interface Fed {
  readonly stream: string
  readonly event: Crossing
}

export const STREAMS = ['door', 'yard']
export const LINES = ['entrance', 'side']
export const AREA: Area = { id: 'shop', entrances: ['door/entrance', 'yard/side'] }

const LONGEST_CALL = 4

/** Crossing `k`, from 0 on: always the same one. Some follow each other on one stream, and now and then more leave than came. */
export function crossingAt(k: number, baseMs: number): Fed {
  const mixed = mix(k)
  const stream = STREAMS[mix(k >> 2) & 1] ?? ''
  const line = LINES[(mixed >> 1) & 1] ?? ''
  return { stream, event: { type: (mixed >> 3) % 9 < 5 ? 'line_in' : 'line_out', line, track: k, atMs: baseMs + 10 * k } }
}

/** What goes into history in one call: the crossings from `k` on, one or a few, of one stream. */
export function callFrom(k: number, end: number, baseMs: number): Fed[] {
  const call = [crossingAt(k, baseMs)]
  for (let next = k + 1; next < end && call.length <= mix(k) % LONGEST_CALL; next++) {
    const fed = crossingAt(next, baseMs)
    if (fed.stream !== call[0]?.stream) break
    call.push(fed)
  }
  return call
}

/** What lines must have counted after so many crossings, by `stream/line/direction`, and how many are then inside the area. */
export function truthAfter(crossings: number): { totals: ReadonlyMap<string, number>; inside: number } {
  const totals = new Map(STREAMS.flatMap((stream) => LINES.flatMap((line) => ['in', 'out'].map((way) => [`${stream}/${line}/${way}`, 0]))))
  let inside = nobodyInside
  for (let k = 0; k < crossings; k++) {
    const { stream, event } = crossingAt(k, 0)
    const key = `${stream}/${event.line}/${event.type === 'line_in' ? 'in' : 'out'}`
    totals.set(key, (totals.get(key) ?? 0) + 1)
    inside = stepInside(inside, [AREA], { type: event.type, stream, line: event.line })
  }
  return { totals, inside: insideOf(inside, AREA.id) }
}

/** Numbers that look like chance (murmur3's mixing). */
function mix(k: number): number {
  let mixed = Math.imul(k ^ (k >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 1
}
