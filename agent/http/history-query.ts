import { z } from 'zod'
import { AgentError } from '../errors.ts'
import { BUCKETS, type BucketSize } from '../history/buckets.ts'
import type { HistoryQuery } from './agent-view.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The longest range of each bucket: about ten thousand of them, so that an answer is bounded. */
export const LONGEST_DAYS: Readonly<Record<BucketSize, number>> = { minute: 7, '5minutes': 31, '15minutes': 93, hour: 366, day: 3_660 }

/** Until 2100: what lies behind is a mistake of units. */
const LATEST_MS = 4_102_444_800_000

// A "+" that was not escaped is a space by the time it gets here.
const isoTime = z
  .string()
  .transform((text) => text.replace(/ (?=\d\d:\d\d$)/, '+'))
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => Date.parse(text))
const milliseconds = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
const moment = z.union([milliseconds, isoTime]).pipe(z.number().min(0).max(LATEST_MS))

const schema = z.strictObject({
  stream: z.string().regex(/^[a-z0-9_][a-z0-9_-]{0,47}$/),
  from: moment.optional(),
  to: moment.optional(),
  bucket: z.enum(BUCKETS).default('hour'),
  format: z.enum(['json', 'csv']).optional(),
})

/** What `GET /api/history` was asked for. */
export interface HistoryWish extends HistoryQuery {
  /** undefined: nothing was said. */
  readonly format: 'json' | 'csv' | undefined
}

/**
 * Takes the query apart: one value a key, as text. `to` is now when it is not said, and `from` a day before `to`. Throws BAD_REQUEST
 * with the keys that cannot be, and with the longest range when it is longer.
 */
export function historyWish(query: Readonly<Record<string, string>>, nowMs: number): HistoryWish {
  const result = schema.safeParse(query)
  if (!result.success) throw badQuery(result.error)
  const { stream, bucket, format, to: toMs = nowMs, from: fromMs = toMs - DAY_MS } = result.data
  if (fromMs >= toMs) {
    throw new AgentError('BAD_REQUEST', 'The range of the history is empty: from is not before to.', { remedy: 'Give a from before to.' })
  }
  const longest = LONGEST_DAYS[bucket]
  // An hour more, since a day of local clocks may have 25.
  if (toMs - fromMs > longest * DAY_MS + HOUR_MS) {
    throw new AgentError('BAD_REQUEST', `The range of the history is longer than ${longest} days, the most for bucket=${bucket}.`, {
      remedy: 'Ask for less at a time, or take a larger bucket: minute, 5minutes, 15minutes, hour, day.',
    })
  }
  return { stream, fromMs, toMs, bucket, format }
}

function badQuery(error: z.ZodError): AgentError {
  const keys = new Set(error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? ['an unknown key'] : [issue.path.join('.')])))
  return new AgentError('BAD_REQUEST', `This history cannot be asked for: ${[...keys].join(', ')}.`, {
    remedy: `Give stream=ID, from and to as 2026-05-01T00:00:00Z (or milliseconds since 1970), bucket=${BUCKETS.join('|')}, format=json|csv; nothing else.`,
  })
}
