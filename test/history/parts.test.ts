import SqliteDatabase from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Backlog } from '../../agent/history/backlog.ts'
import { LocalDays } from '../../agent/history/local-day.ts'
import { MinuteMeter } from '../../agent/history/minute-meter.ts'
import { Outbox } from '../../agent/history/outbox.ts'
import type { Entry } from '../../agent/history/records.ts'
import { MIGRATIONS, migrate } from '../../agent/history/schema.ts'
import { ClockWatch } from '../../agent/history/steady-clock.ts'
import { Tally } from '../../agent/history/tally.ts'
import { HandClock, seen } from './open-history.ts'

const test = suite('parts of the history')

const crossing = (line = 'entrance', insides = {}) => ({
  kind: 'crossing' as const,
  atMs: 0,
  day: '2026-05-04',
  crossing: seen('in', 0, { line }),
  insides,
})
const reset = { kind: 'reset' as const, atMs: 0, day: '2026-05-04', stream: null, line: null, who: 'test' }

function tallyOf(entries: readonly Entry[]) {
  const tally = new Tally()
  for (const entry of entries) tally.apply(entry)
  return tally.totals('door', 'entrance', '2026-05-04')
}

test('a backlog that is too long folds its oldest crossings: nothing is lost of the totals, and a reset keeps its place', () => {
  const backlog = new Backlog(100)
  const all: Entry[] = []
  const add = (count: number) => {
    for (let index = 0; index < count; index++) {
      all.push(...backlog.add([crossing()]))
      backlog.bound()
    }
  }
  add(150)
  all.push(...backlog.add([reset]))
  add(30_000)
  assert.ok(backlog.size <= 101, `${backlog.size} entries`)
  assert.ok(backlog.folded > 29_000)
  assert.equal(tallyOf(backlog.between(0, backlog.newest)), tallyOf(all))
  assert.is(tallyOf(all).in, 30_000)
})

test('a backlog does not fold what the file may have', () => {
  const backlog = new Backlog(10)
  backlog.add(Array.from({ length: 8 }, () => crossing()))
  const sent = backlog.next()
  for (let count = 0; count < 50; count++) {
    backlog.add([crossing()])
    backlog.bound()
  }
  assert.is(sent.length, 8)
  assert.equal(
    backlog.between(0, 8).map(({ n }) => n),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
  backlog.stored(8)
  assert.is(tallyOf(backlog.between(0, backlog.newest)).in, 50)
})

test('a call is never cut in two', () => {
  const backlog = new Backlog()
  backlog.add(Array.from({ length: 600 }, () => crossing()))
  backlog.add(Array.from({ length: 700 }, () => crossing()))
  backlog.add([crossing()])
  assert.is(backlog.next().length, 1_300)
  assert.equal([...backlog.stored(1_300)], [])
  assert.is(backlog.next().length, 1)
})

test('an outbox remembers a bounded number, and forgets towards saying it again', () => {
  const outbox = new Outbox()
  for (let place = 1; place <= 50_000; place++) outbox.handedOut(`run-${place}`, place)
  assert.not(outbox.acknowledge('run-1'))
  assert.ok(outbox.acknowledge('run-50000'))
  assert.is(outbox.deliveredTo, 0)
  outbox.firstLeft(49_999)
  assert.ok(outbox.acknowledge('run-49999'))
  assert.is(outbox.deliveredTo, 50_000)
})

test('a minute has least, mean over known time, most and unknown time', () => {
  const meter = new MinuteMeter('door')
  const start = Date.parse('2026-05-04T12:00:00Z')
  const tell = (second: number, count: number | null) => meter.observe({ count, wallMs: start + second * 1000, steadyMs: second * 1000 })
  assert.equal([...tell(0, 2), ...tell(15, 4), ...tell(30, null), ...tell(45, 1)], [])
  assert.equal(tell(75, 0), [
    { stream: 'door', minute: start / 60_000, least: 1, mean: (2 * 15 + 4 * 15 + 15) / 45, most: 4, knownMs: 45_000, unknownMs: 15_000 },
  ])
  assert.equal(meter.end(), [{ stream: 'door', minute: start / 60_000 + 1, least: 0, mean: 1, most: 1, knownMs: 15_000, unknownMs: 0 }])
})

test('a minute takes its length from the steady clock when the wall clock is set', () => {
  const meter = new MinuteMeter('door')
  const start = Date.parse('2026-05-04T12:00:00Z')
  meter.observe({ count: 3, wallMs: start, steadyMs: 0 })
  const jump = meter.observe({ count: 3, wallMs: start + 86_400_000, steadyMs: 20_000 })
  const back = meter.observe({ count: 3, wallMs: start + 30_000, steadyMs: 30_000 })
  const minutes = [...jump, ...back, ...meter.end()]
  assert.is(
    minutes.reduce((sum, { knownMs }) => sum + knownMs, 0),
    30_000,
  )
  assert.ok(minutes.every(({ knownMs, mean }) => knownMs <= 60_000 && mean === 3))
  // Nobody knows what was while nobody said anything.
  const silence = new MinuteMeter('door')
  silence.observe({ count: 3, wallMs: start, steadyMs: 0 })
  assert.equal(silence.observe({ count: 3, wallMs: start + 7_200_000, steadyMs: 7_200_000 }), [])
})

test('local days begin where clocks say so, also where there is no midnight', () => {
  const start = (zone: string, time: string) => new Date(new LocalDays(zone).startOfDayMs(Date.parse(time))).toISOString()
  assert.is(start('Europe/Berlin', '2026-03-29T12:00Z'), '2026-03-28T23:00:00.000Z')
  assert.is(start('Europe/Berlin', '2026-10-25T12:00Z'), '2026-10-24T22:00:00.000Z')
  assert.is(start('Europe/Berlin', '2026-10-24T22:30Z'), '2026-10-24T22:00:00.000Z')
  assert.is(start('Asia/Kolkata', '2026-10-24T18:29Z'), '2026-10-23T18:30:00.000Z')
  // In Beirut the clock goes from 23:59:59 to 01:00:00.
  assert.is(start('Asia/Beirut', '2026-03-29T12:00Z'), '2026-03-28T22:00:00.000Z')
  assert.is(new LocalDays('Asia/Beirut').dayOf(Date.parse('2026-03-28T21:59:59Z')), '2026-03-28')
  assert.is(start('UTC', '2026-03-29T00:00Z'), '2026-03-29T00:00:00.000Z')
})

test('a clock is believed when nobody has set it for an hour', () => {
  const clock = new HandClock('1970-01-01T00:00:00Z')
  const watch = new ClockWatch(clock)
  clock.pass(1_800_000)
  clock.set('2026-05-04T12:00:00Z')
  assert.not(watch.believed())
  clock.pass(3_500_000)
  assert.not(watch.believed())
  clock.pass(100_000)
  assert.ok(watch.believed())
  clock.set('2099-01-01T00:00:00Z')
  assert.not(watch.believed())
})

test('an older file is brought to the newest version and keeps its rows; a step that fails leaves it as it was', () => {
  using database = closing(new SqliteDatabase(':memory:'))
  assert.is(migrate(database, MIGRATIONS), 0)
  database.exec(`INSERT INTO areas VALUES ('shop', 4)`)
  const better = [...MIGRATIONS, 'ALTER TABLE areas ADD COLUMN most INTEGER NOT NULL DEFAULT 9', 'CREATE TABLE half (a); NONSENSE']
  assert.throws(() => migrate(database, better), /NONSENSE/)
  assert.is(database.pragma('user_version', { simple: true }), MIGRATIONS.length + 1)
  assert.equal(database.prepare('SELECT * FROM areas').all(), [{ area: 'shop', inside: 4, most: 9 }])
  assert.is(database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'half'`).get(), undefined)
  assert.is(migrate(database, better.slice(0, -1)), MIGRATIONS.length + 1)
})

function closing(database: SqliteDatabase.Database): SqliteDatabase.Database & Disposable {
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() })
}

test.run()
