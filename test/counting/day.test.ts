import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startOfDay } from '../../agent/counting/day.ts'
import { randomFrom } from '../tracking/random.ts'

const HOUR_MS = 3_600_000

/** When the day of a moment began, as text. */
const began = (moment: string, timeZone: string) => new Date(startOfDay(Date.parse(moment), timeZone)).toISOString().replace('.000Z', 'Z')

const test = suite('day')

test('a day begins at midnight of its own time zone', () => {
  assert.is(began('2026-01-15T13:45:12.345Z', 'UTC'), '2026-01-15T00:00:00Z')
  assert.is(began('2026-01-15T13:45:12Z', 'Europe/Berlin'), '2026-01-14T23:00:00Z')
  assert.is(began('2026-01-15T20:00:00Z', 'Asia/Kolkata'), '2026-01-15T18:30:00Z')
  assert.is(began('2026-01-15T03:00:00Z', 'America/New_York'), '2026-01-14T05:00:00Z')
  assert.is(began('2026-01-15T11:00:00Z', 'Pacific/Kiritimati'), '2026-01-15T10:00:00Z')
})

test('midnight itself is today, the moment before was yesterday', () => {
  assert.is(began('2026-07-01T22:00:00Z', 'Europe/Berlin'), '2026-07-01T22:00:00Z')
  assert.is(began('2026-07-01T21:59:59.999Z', 'Europe/Berlin'), '2026-06-30T22:00:00Z')
})

test('days on which the clocks change have 23 and 25 hours', () => {
  const spring = startOfDay(Date.parse('2026-03-29T12:00Z'), 'Europe/Berlin')
  assert.is(startOfDay(Date.parse('2026-03-30T12:00Z'), 'Europe/Berlin') - spring, 23 * HOUR_MS)
  const autumn = startOfDay(Date.parse('2026-10-25T12:00Z'), 'Europe/Berlin')
  assert.is(startOfDay(Date.parse('2026-10-26T12:00Z'), 'Europe/Berlin') - autumn, 25 * HOUR_MS)
  assert.is(began('2026-10-25T22:59:59Z', 'Europe/Berlin'), '2026-10-24T22:00:00Z')
  assert.is(began('2026-03-29T21:59:59Z', 'Europe/Berlin'), '2026-03-28T23:00:00Z')
})

test('where the clocks go from midnight to one o’clock the day begins at one', () => {
  assert.is(began('2018-11-04T12:00:00Z', 'America/Sao_Paulo'), '2018-11-04T03:00:00Z')
})

test('where midnight comes twice the day that it ends is one', () => {
  assert.is(began('2018-02-18T02:30:00Z', 'America/Sao_Paulo'), '2018-02-17T02:00:00Z')
  assert.is(began('2018-02-18T12:00:00Z', 'America/Sao_Paulo'), '2018-02-18T03:00:00Z')
})

test('whenever and wherever: the start has the same date, the moment before has another, and the start of the start is itself', () => {
  const random = randomFrom(51)
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo', 'America/Havana', 'UTC']
  for (let round = 0; round < 300; round++) {
    const timeZone = zones[round % zones.length] ?? 'UTC'
    const nowMs = Math.floor(Date.UTC(2010, 0) + random() * 30 * 365 * 24 * HOUR_MS)
    const date = (ms: number) => new Date(ms).toLocaleDateString('sv', { timeZone })
    const startMs = startOfDay(nowMs, timeZone)
    assert.ok(startMs <= nowMs && nowMs - startMs < 25 * HOUR_MS)
    assert.is(date(startMs), date(nowMs))
    assert.is.not(date(startMs - 1), date(nowMs), `${timeZone} ${nowMs}`)
    assert.is(startOfDay(startMs, timeZone), startMs)
  }
})

test('a time zone that does not exist is refused', () => {
  assert.throws(
    () => startOfDay(0, 'Europe/Atlantis'),
    (error: unknown) => error instanceof RangeError,
  )
})

test.run()
