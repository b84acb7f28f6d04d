import type { Person } from './scene-people.ts'
import { noUniques, stepUniques, type Uniques } from './uniques.ts'

/** Who came, so that nobody is counted again because the picture was away for a moment. */
export interface Visitors {
  readonly hour: Uniques
  /** When this picture was looked at first. */
  readonly sinceMs: number
  /** People who were in view when the last picture went, and have not been found again. */
  readonly awaited: number
}

/** Nobody has come yet. */
export const newVisitors: Visitors = { hour: noUniques, sinceMs: -Infinity, awaited: 0 }

/** Somebody followed for less may be a shadow. */
const LEAST_MS = 1_000
/** Who is there when the picture is back was there before, unless it was away longer than this. */
const LONGEST_AWAY_MS = 60_000
/** So long after it is back people are still being found for the first time. */
const FINDING_MS = 1_000

/** Steps the visitors by one look: who has been followed long enough now and was not before. */
export function stepVisitors(before: Visitors, earlier: readonly Person[], persons: readonly Person[], atMs: number): Visitors {
  const known = new Set(earlier.filter(isVisitor).map(({ id }) => id))
  const found = persons.filter((person) => isVisitor(person) && !known.has(person.id))
  if (found.length === 0) return before
  const back = found.filter(({ firstMs }) => firstMs - before.sinceMs <= FINDING_MS).length
  const awaited = Math.max(0, before.awaited - back)
  return { ...before, awaited, hour: stepUniques(before.hour, found.length - (before.awaited - awaited), atMs) }
}

/** Another picture, or another engine: who was in view last is awaited. */
export function newArrivals(before: Visitors, persons: readonly Person[], { lastMs, atMs }: { lastMs: number; atMs: number }): Visitors {
  const missing = lastMs - before.sinceMs <= FINDING_MS + LEAST_MS ? before.awaited : 0
  const inView = persons.filter((person) => person.inView && isVisitor(person)).length
  return { ...before, sinceMs: atMs, awaited: atMs - lastMs <= LONGEST_AWAY_MS ? missing + inView : 0 }
}

function isVisitor({ firstMs, seenMs }: Person): boolean {
  return seenMs - firstMs >= LEAST_MS
}
