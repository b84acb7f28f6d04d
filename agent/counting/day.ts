const HOUR_MS = 3_600_000
/** No day is longer, whatever the clocks are put back by. */
const LONGEST_DAY_MS = 26 * HOUR_MS

/** Making one costs far more than asking it. */
const dates = new Map<string, Intl.DateTimeFormat>()

/**
 * When the calendar day of `wallMs` began in a time zone (IANA name, for example Europe/Berlin), in milliseconds since 1970: the first
 * moment with that date, also where a day has 23 or 25 hours or begins at one o'clock. Throws RangeError for a zone that does not exist.
 */
export function startOfDay(wallMs: number, timeZone: string): number {
  const today = dateOf(wallMs, timeZone)
  let before = wallMs - LONGEST_DAY_MS
  let within = wallMs
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (dateOf(middle, timeZone) === today) within = middle
    else before = middle
  }
  return within
}

function dateOf(wallMs: number, timeZone: string): string {
  const known = dates.get(timeZone)
  if (known !== undefined) return known.format(wallMs)
  const format = new Intl.DateTimeFormat('en', { timeZone, calendar: 'iso8601', year: 'numeric', month: 'numeric', day: 'numeric' })
  dates.set(timeZone, format)
  return format.format(wallMs)
}
