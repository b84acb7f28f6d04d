/** Rooms with entrances: each is a line of a stream, written `stream/line`. */
export interface Area {
  readonly id: string
  readonly entrances: readonly string[]
}

/** How many people are inside each area, by its id. */
export type Inside = ReadonlyMap<string, number>

/** Empty rooms. */
export const nobodyInside: Inside = new Map()

/** What an area needs of a crossing. */
export interface Passage {
  readonly type: 'line_in' | 'line_out'
  readonly stream: string
  readonly line: string
}

/**
 * Steps everybody inside by one crossing: one more for `in`, one fewer for `out`, but never below 0. A missed `in` so makes one wrong
 * `out` harmless, and the next person who comes in is counted.
 */
export function stepInside(before: Inside, areas: readonly Area[], { type, stream, line }: Passage): Inside {
  const entrance = `${stream}/${line}`
  const entered = areas.filter(({ entrances }) => entrances.includes(entrance))
  if (entered.length === 0) return before
  const next = new Map(before)
  for (const { id } of entered) next.set(id, Math.max(0, insideOf(next, id) + (type === 'line_in' ? 1 : -1)))
  return next
}

/** Puts a number somebody has counted in the place of ours. Anything but a whole number from 0 on changes nothing. */
export function setInside(before: Inside, area: string, value: number): Inside {
  return Number.isSafeInteger(value) && value >= 0 ? new Map(before).set(area, value) : before
}

/** How many people are inside an area, as far as its entrances told. */
export function insideOf(inside: Inside, area: string): number {
  return inside.get(area) ?? 0
}
