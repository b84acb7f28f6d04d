import { type Context, Hono } from 'hono'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import { type AgentView, unknownStream } from './agent-view.ts'
import { chunkedBody } from './chunked-body.ts'
import { type HistoryWish, historyWish } from './history-query.ts'
import { historyCsv, historyJson } from './history-text.ts'

/** Each reads the file of the history; crossings are written through the same thread. */
const MOST_AT_ONCE = 4

/** `GET /api/history`: what one stream has counted, as JSON or CSV, made while it is read. */
export function historyRoutes(view: AgentView, onBug: (error: unknown) => void): Hono<HttpEnv> {
  let open = 0
  const routes = new Hono<HttpEnv>()
  routes.get('/api/history', async (c) => {
    const wish = historyWish(singleValues(c), Date.now())
    const csv = wantsCsv(c, wish)
    const headers = { 'Content-Type': csv ? 'text/csv; charset=utf-8; header=present' : 'application/json', Vary: 'Accept' }
    if (c.req.method === 'HEAD') return c.body(null, 200, headers)
    if (open >= MOST_AT_ONCE) throw tooMany()
    open += 1
    const over = () => {
      open -= 1
    }
    try {
      const { first, rest } = await opened(view, wish, csv)
      const onEnd = (error?: unknown) => {
        over()
        if (error !== undefined && !(error instanceof AgentError)) onBug(error)
      }
      const connection = c.env?.outgoing
      const cut = connection === undefined ? null : () => connection.destroy()
      return c.body(chunkedBody(first, rest, { cut, onEnd }), 200, {
        ...headers,
        ...(csv ? { 'Content-Disposition': `attachment; filename="headcount-${wish.stream}-${wish.bucket}.csv"` } : {}),
      })
    } catch (error) {
      over()
      throw error
    }
  })
  return routes
}

/** The first piece is made before the answer begins: until then a failure can still have its status. */
async function opened(view: AgentView, wish: HistoryWish, csv: boolean): Promise<{ first: string; rest: AsyncIterator<string, unknown> }> {
  const stream = view.stream(wish.stream)
  const buckets = view.history(wish)[Symbol.asyncIterator]()
  const bucket = await buckets.next()
  // History remembers streams that are no more.
  if (stream === undefined && bucket.done === true) throw unknownStream(wish.stream)
  const all = withFirst(bucket, buckets)
  const texts = csv ? historyCsv(stream?.geometry.lines.map(({ id }) => id) ?? [], all) : historyJson(wish, all)
  const text = await texts.next()
  return { first: text.done === true ? '' : text.value, rest: texts }
}

async function* withFirst<Item>(first: IteratorResult<Item, unknown>, rest: AsyncIterator<Item>): AsyncGenerator<Item> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

function wantsCsv(c: Context<HttpEnv>, { format }: HistoryWish): boolean {
  if (format !== undefined) return format === 'csv'
  return c.req.header('accept')?.split(',')[0]?.split(';')[0]?.trim().toLowerCase() === 'text/csv'
}

function singleValues(c: Context<HttpEnv>): Record<string, string> {
  const values = c.req.queries()
  const twice = Object.keys(values).filter((key) => values[key]?.length !== 1)
  if (twice.length === 0) return Object.fromEntries(Object.entries(values).map(([key, [value = '']]) => [key, value]))
  throw new AgentError('BAD_REQUEST', 'A key of the query stands there more than once.', {
    remedy: 'Ask for one stream and one range at a time.',
  })
}

function tooMany(): AgentError {
  return new AgentError('CONFLICT', `${MOST_AT_ONCE} histories are being read already.`, { remedy: 'Try again when they are done.' })
}
