import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Bucket, BucketSize } from '../../agent/history/buckets.ts'
import type { History } from '../../agent/history/history.ts'
import type { MinuteAggregate } from '../../agent/history/records.ts'
import { HandClock, openHistory, rowsOf, seen, temporaryFolder } from './open-history.ts'

const test = suite('aggregates in the history')

const at = (time: string) => Date.parse(time)

function minute(time: string, more: Partial<MinuteAggregate> = {}): MinuteAggregate {
  return { stream: 'door', minute: at(time) / 60_000, least: 1, mean: 2, most: 4, knownMs: 60_000, unknownMs: 0, ...more }
}

async function buckets(history: History, bucket: BucketSize, [from, to]: readonly [string, string], stream = 'door'): Promise<Bucket[]> {
  const found: Bucket[] = []
  for await (const each of history.query({ stream, fromMs: at(from), toMs: at(to), bucket })) found.push(each)
  return found
}

test('minutes and crossings come back as buckets of one stream, and outlive a restart', async () => {
  await using folder = await temporaryFolder()
  {
    await using opened = await openHistory(folder.path)
    opened.history.addMinutes([
      minute('2026-05-04T10:00Z'),
      minute('2026-05-04T10:59Z', { least: 0, mean: 5, most: 9, knownMs: 20_000, unknownMs: 40_000 }),
    ])
    opened.history.addMinutes([
      minute('2026-05-04T10:00Z', { stream: 'gate', most: 99 }),
      minute('2026-05-04T11:00Z', { least: null, mean: null, most: null, knownMs: 0, unknownMs: 60_000 }),
    ])
    await opened.history.commitCrossings([seen('in', at('2026-05-04T10:00:59.9Z')), seen('out', at('2026-05-04T10:30Z'), { line: 'side' })])
    await opened.history.commitCrossings([seen('in', at('2026-05-04T10:00:10Z')), seen('in', at('2026-05-04T13:00Z'))])
  }
  await using again = await openHistory(folder.path)
  const none = { least: null, mean: null, most: null, knownSeconds: 0, unknownSeconds: 0 }
  assert.equal(await buckets(again.history, 'hour', ['2026-05-04T10:20Z', '2026-05-04T13:01Z']), [
    {
      fromMs: at('2026-05-04T10:00Z'),
      least: 0,
      mean: 2.75,
      most: 9,
      knownSeconds: 80,
      unknownSeconds: 40,
      lines: { entrance: { in: 2, out: 0 }, side: { in: 0, out: 1 } },
    },
    { ...none, fromMs: at('2026-05-04T11:00Z'), unknownSeconds: 60, lines: {} },
    { ...none, fromMs: at('2026-05-04T13:00Z'), lines: { entrance: { in: 1, out: 0 } } },
  ])
  assert.is((await buckets(again.history, '15minutes', ['2026-05-04T10:00Z', '2026-05-04T13:00Z'])).length, 4)
  assert.equal(await buckets(again.history, 'hour', ['2026-05-04T10:00Z', '2026-05-04T13:00Z'], 'nobody'), [])
  assert.equal(await buckets(again.history, 'hour', ['2026-05-05T10:00Z', '2026-05-05T13:00Z']), [])
})

test('both parts of a minute in which the program was restarted become one', async () => {
  await using folder = await temporaryFolder()
  for (const part of [
    minute('2026-05-04T10:00Z', { knownMs: 30_000 }),
    minute('2026-05-04T10:00Z', { least: 0, mean: 8, most: 3, knownMs: 10_000, unknownMs: 5_000 }),
  ]) {
    await using opened = await openHistory(folder.path)
    opened.history.addMinutes([part])
  }
  await using opened = await openHistory(folder.path)
  const [bucket] = await buckets(opened.history, 'minute', ['2026-05-04T10:00Z', '2026-05-04T10:01Z'])
  assert.equal(bucket, { fromMs: at('2026-05-04T10:00Z'), least: 0, mean: 3.5, most: 4, knownSeconds: 40, unknownSeconds: 5, lines: {} })
})

test('buckets of a day are local days, those of 23 and 25 hours included', async () => {
  await using folder = await temporaryFolder()
  await using opened = await openHistory(folder.path)
  const hours = Array.from({ length: 72 }, (_, hour) => at('2026-10-24T00:00Z') + hour * 3_600_000)
  opened.history.addMinutes(hours.map((ms) => minute(new Date(ms).toISOString())))
  const days = await buckets(opened.history, 'day', ['2026-10-24T00:00Z', '2026-10-27T00:00Z'])
  assert.equal(
    days.map(({ fromMs, knownSeconds }) => [new Date(fromMs).toISOString(), knownSeconds / 60]),
    [
      ['2026-10-23T22:00:00.000Z', 22],
      ['2026-10-24T22:00:00.000Z', 25],
      ['2026-10-25T23:00:00.000Z', 24],
      ['2026-10-26T23:00:00.000Z', 1],
    ],
  )
})

test('a year of nothing between two minutes costs nothing, from 1970 to 2100', async () => {
  await using folder = await temporaryFolder()
  await using opened = await openHistory(folder.path)
  opened.history.addMinutes([minute('2025-05-04T10:00Z'), minute('2026-05-04T10:00Z')])
  assert.is((await buckets(opened.history, 'minute', ['1970-01-01T00:00Z', '2100-01-01T00:00Z'])).length, 2)
})

test('what is older than keepDays goes, all of it and no more; totals stay', async () => {
  await using folder = await temporaryFolder()
  const clock = new HandClock('2026-05-04T12:00:00Z')
  {
    await using opened = await openHistory(folder.path, { clock, keepDays: 10 })
    const { history } = opened
    // What a wrong clock has stamped lies among the old.
    await history.commitCrossings([
      seen('in', at('2099-01-01T00:00Z')),
      ...Array.from({ length: 9_000 }, () => seen('in', at('2026-04-01T00:00Z'))),
    ])
    await history.commitCrossings([seen('out', at('2026-04-24T12:00:00Z')), seen('out', clock.wallMs())])
    await history.resetTotals('door', 'other', 'somebody')
    history.addMinutes(
      Array.from({ length: 3_000 }, (_, index) => minute(new Date(at('2026-04-01T00:00Z') + index * 60_000).toISOString())),
    )
    history.addMinutes([minute('2026-04-24T11:59Z'), minute('2026-04-24T12:00Z')])
    await buckets(history, 'day', ['2026-04-01T00:00Z', '2026-04-02T00:00Z'])
    await history.prune()
    assert.equal(history.totals('door', 'entrance'), { in: 9_001, out: 2, inToday: 0, outToday: 1 })
    assert.is((await history.undelivered(10)).length, 3)
  }
  const count = (table: string) => rowsOf<{ count: number }>(folder.file, `SELECT count(*) AS count FROM ${table}`)[0]?.count
  assert.equal(['crossings', 'minutes', 'corrections'].map(count), [3, 1, 1])
  assert.is(count('line_minutes'), 3)
  {
    await using again = await openHistory(folder.path, { clock, keepDays: 10 })
    assert.equal(again.history.totals('door', 'entrance'), { in: 9_001, out: 2, inToday: 0, outToday: 1 })
  }
})

test('commits go on while much is pruned', async () => {
  await using folder = await temporaryFolder()
  await using opened = await openHistory(folder.path, { keepDays: 1 })
  const { history } = opened
  for (let call = 0; call < 30; call++)
    await history.commitCrossings(Array.from({ length: 1_000 }, () => seen('in', at('2020-01-01T00:00Z'))))
  let pruned = false
  const done = history.prune().then(() => {
    pruned = true
  })
  await history.commitCrossings([seen('out')])
  assert.is(pruned, false)
  await done
  assert.is((await history.undelivered(10)).length, 1)
})

test.run()
