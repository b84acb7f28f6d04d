import type { Bucket } from '../history/buckets.ts'
import type { HistoryQuery } from './agent-view.ts'

/** What one text holds together: many buckets go out at once. */
const CHUNK_CHARACTERS = 16 * 1024

/** Buckets as one JSON object, in pieces. */
export async function* historyJson({ stream, bucket, fromMs, toMs }: HistoryQuery, buckets: AsyncIterable<Bucket>): AsyncGenerator<string> {
  const head = JSON.stringify({ stream, bucket, from: iso(fromMs), to: iso(toMs) })
  yield* joined(`${head.slice(0, -1)},"buckets":[`, jsonRows(buckets), ']}\n')
}

/**
 * Buckets as CSV (RFC 4180) with a head line, in pieces. `in` and `out` are of all lines together, also of lines that are no more; those
 * of `lines` have columns of their own. Ids and numbers need no quotes, and no cell begins with a sign that a spreadsheet would compute.
 */
export async function* historyCsv(lines: readonly string[], buckets: AsyncIterable<Bucket>): AsyncGenerator<string> {
  const columns = [
    'from',
    'min',
    'mean',
    'max',
    'known_s',
    'unknown_s',
    'in',
    'out',
    ...lines.flatMap((line) => [`in_${line}`, `out_${line}`]),
  ]
  yield* joined(`${columns.join(',')}\r\n`, csvRows(lines, buckets), '')
}

async function* jsonRows(buckets: AsyncIterable<Bucket>): AsyncGenerator<string> {
  let separator = '\n'
  for await (const { fromMs, least, mean, most, knownSeconds, unknownSeconds, lines } of buckets) {
    const row = { from: iso(fromMs), min: least, mean: rounded(mean), max: most, knownSeconds, unknownSeconds, lines }
    yield `${separator}${JSON.stringify(row)}`
    separator = ',\n'
  }
}

async function* csvRows(lines: readonly string[], buckets: AsyncIterable<Bucket>): AsyncGenerator<string> {
  for await (const bucket of buckets) {
    const all = Object.values(bucket.lines)
    const sums = [all.reduce((sum, line) => sum + line.in, 0), all.reduce((sum, line) => sum + line.out, 0)]
    const own = lines.flatMap((line) => [bucket.lines[line]?.in ?? 0, bucket.lines[line]?.out ?? 0])
    const figures = [bucket.least, rounded(bucket.mean), bucket.most, bucket.knownSeconds, bucket.unknownSeconds, ...sums, ...own]
    // An empty cell is "not known"; 0 would be a number of people.
    yield `${[iso(bucket.fromMs), ...figures.map((figure) => figure ?? '')].join(',')}\r\n`
  }
}

async function* joined(head: string, rows: AsyncIterable<string>, tail: string): AsyncGenerator<string> {
  let chunk = head
  for await (const row of rows) {
    chunk += row
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  yield chunk + tail
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString()
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1_000) / 1_000
}
