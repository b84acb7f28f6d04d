import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import type { Bucket } from '../../agent/history/buckets.ts'
import type { HandAgent } from '../support/mjpeg-agent.ts'
import { bearer, fault, openApp } from './hand-app.ts'
import { busy, END, HOUR_MS, RANGE, remembering, START, unknown } from './hand-history.ts'

const test = suite('http history')

const ask = async (agent: HandAgent, query: string, headers: Readonly<Record<string, string>> = {}) => {
  const { app } = await openApp(agent)
  return app.request(`/api/history?${query}`, { headers: { ...bearer, ...headers } })
}

test('tells buckets as JSON, and null where nothing was known', async () => {
  const { agent, asked } = remembering([busy, unknown])
  const response = await ask(agent, `stream=door&${RANGE}&bucket=hour`)
  assert.is(response.status, 200)
  assert.match(response.headers.get('Content-Type') ?? '', 'application/json')
  assert.equal(await response.json(), {
    stream: 'door',
    bucket: 'hour',
    from: '2026-05-01T00:00:00.000Z',
    to: '2026-05-01T12:00:00.000Z',
    buckets: [
      { from: '2026-05-01T00:00:00.000Z', min: 0, mean: 1.235, max: 4, knownSeconds: 3_590, unknownSeconds: 10, lines: busy.lines },
      { from: '2026-05-01T01:00:00.000Z', min: null, mean: null, max: null, knownSeconds: 0, unknownSeconds: 10, lines: {} },
    ],
  })
  assert.equal(
    asked.map(({ stream, fromMs, toMs, bucket }) => [stream, fromMs, toMs, bucket]),
    [['door', Date.parse(START), Date.parse(END), 'hour']],
  )
})

test('tells them as CSV when asked by format or Accept, with an empty cell where nothing was known', async () => {
  const csv = [
    'from,min,mean,max,known_s,unknown_s,in,out,in_entrance,out_entrance',
    '2026-05-01T00:00:00.000Z,0,1.235,4,3590,10,8,5,7,5',
    '2026-05-01T01:00:00.000Z,,,,0,10,0,0,0,0',
    '',
  ].join('\r\n')
  for (const [query, headers] of [
    ['&format=csv', {}],
    ['', { Accept: 'text/csv' }],
    ['', { Accept: 'text/csv;q=1, application/json' }],
  ] as const) {
    const response = await ask(remembering([busy, unknown]).agent, `stream=door&${RANGE}${query}`, headers)
    assert.match(response.headers.get('Content-Type') ?? '', 'text/csv')
    assert.is(response.headers.get('Content-Disposition'), 'attachment; filename="headcount-door-hour.csv"')
    assert.is(await response.text(), csv)
  }
  const chosen = await ask(remembering([]).agent, `stream=door&${RANGE}&format=json`, { Accept: 'text/csv' })
  assert.equal(((await chosen.json()) as { buckets: unknown }).buckets, [])
})

test('takes times as milliseconds and with an offset, and the last day by hours when nothing is said', async () => {
  const { agent, asked } = remembering([busy])
  const fromMs = Date.parse(START)
  for (const from of [String(fromMs), '2026-05-01T02:00:00%2B02:00', '2026-05-01T02:00:00+02:00']) {
    assert.is((await ask(agent, `stream=door&from=${from}&to=${END}`)).status, 200, from)
    assert.is(asked.at(-1)?.fromMs, fromMs, from)
  }
  const before = Date.now()
  await ask(agent, 'stream=door')
  const last = asked.at(-1)
  assert.ok(last !== undefined && last.toMs >= before && last.toMs <= Date.now())
  assert.equal([last.toMs - last.fromMs, last.bucket], [24 * HOUR_MS, 'hour'])
})

test('refuses nonsense with the key and a remedy, and does not ask history', async () => {
  const { agent, asked } = remembering([busy])
  const nonsense: readonly (readonly [string, RegExp])[] = [
    ['', /stream/],
    ['stream=', /stream/],
    [`stream=${'x'.repeat(65)}`, /stream/],
    ['stream=door&from=yesterday', /from/],
    ['stream=door&from=2026-02-30T00:00:00Z', /from/],
    ['stream=door&from=2026-05-01T00:00:00', /from/],
    ['stream=door&from=2026-05-01', /from/],
    ['stream=door&from=-1', /from/],
    ['stream=door&from=1e9', /from/],
    ['stream=door&to=99999999999999', /to/],
    ['stream=door&to=NaN', /to/],
    ['stream=door&bucket=second', /bucket/],
    ['stream=door&format=xml', /format/],
    ['stream=door&line=entrance', /unknown key/],
    [`stream=door&stream=yard&${RANGE}`, /more than once/],
    [`stream=door&from=${END}&to=${START}`, /before/],
    [`stream=door&from=${START}&to=${START}`, /before/],
    ['stream=%00%ff', /stream/],
    ['stream=door%0d%0aSet-Cookie:x', /stream/],
    ['__proto__=1&stream=door', /unknown key/],
  ]
  for (const [query, message] of nonsense) {
    const response = await ask(agent, query)
    assert.is(response.status, 400, query)
    assert.match((await fault(response)).message, message, query)
  }
  assert.equal(asked, [])
})

test('bounds an answer by the longest range of its bucket', async () => {
  const { agent } = remembering([busy])
  const range = (days: number) => `from=${Date.parse(START)}&to=${Date.parse(START) + days * 24 * HOUR_MS}`
  for (const [bucket, days] of Object.entries({ minute: 7, '5minutes': 31, '15minutes': 93, hour: 366, day: 3_660 })) {
    assert.is((await ask(agent, `stream=door&bucket=${bucket}&${range(days)}`)).status, 200, bucket)
    const refused = await ask(agent, `stream=door&bucket=${bucket}&${range(days + 1)}`)
    assert.is(refused.status, 400, bucket)
    const { message, remedy } = await fault(refused)
    assert.match(message, `${days} days`)
    assert.match(remedy, 'larger bucket')
  }
})

test('knows streams that are no more as long as history does, and no others', async () => {
  assert.is((await ask(remembering([busy]).agent, `stream=gone&${RANGE}`)).status, 200)
  const response = await ask(remembering([]).agent, `stream=gone&${RANGE}`)
  assert.is(response.status, 404)
  assert.match((await fault(response)).remedy, '/api/streams')
  assert.is((await ask(remembering([]).agent, `stream=door&${RANGE}`)).status, 200)
})

test('says that history cannot be read, as long as nothing was sent', async () => {
  for (const code of ['HISTORY_UNWRITABLE', 'HISTORY_CORRUPT'] as const) {
    const { agent } = remembering([])
    agent.history = async function* () {
      yield* [] as Bucket[]
      throw new AgentError(code, 'The file cannot be read.', { remedy: 'Look at the disk.' })
    }
    const response = await ask(agent, `stream=door&${RANGE}`)
    assert.is(response.status, 503)
    assert.is((await fault(response)).code, code)
  }
})

test.run()
