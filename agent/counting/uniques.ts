/** How many different people came, minute by minute, over the last hour. */
export interface Uniques {
  /** Oldest first; minutes of CLOCK_MONOTONIC, those without anybody left out. */
  readonly minutes: readonly { readonly minute: number; readonly persons: number }[]
}

/** Nobody yet. */
export const noUniques: Uniques = { minutes: [] }

const MINUTE_MS = 60_000
const MINUTES = 60

/** Steps the hour by so many new people. What is older than an hour is forgotten. */
export function stepUniques(before: Uniques, persons: number, nowMs: number): Uniques {
  if (persons <= 0) return before
  const minute = Math.floor(nowMs / MINUTE_MS)
  const earlier = before.minutes.filter((entry) => entry.minute > minute - MINUTES && entry.minute < minute)
  const already = before.minutes.find((entry) => entry.minute === minute)?.persons ?? 0
  return { minutes: [...earlier, { minute, persons: already + persons }] }
}

/** Different people in this minute and the 59 before. */
export function uniquesInHour({ minutes }: Uniques, nowMs: number): number {
  const minute = Math.floor(nowMs / MINUTE_MS)
  return minutes.reduce((sum, entry) => sum + (entry.minute > minute - MINUTES ? entry.persons : 0), 0)
}
