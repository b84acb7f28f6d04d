import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LimitedLog } from '../../agent/limited-log.ts'
import { LogLimit } from '../../agent/log-limit.ts'
import { keepLog } from '../supervise/kept-log.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('log with a limit')
const LIMIT = { burst: 3, everyMs: 1_000 }

test('lets a burst through, then one line each second, and a burst again after a rest', () => {
  const limit = new LogLimit(LIMIT)
  const written = (fromMs: number, times: number, everyMs: number) =>
    Array.from({ length: times }, (_, index) => limit.allows(fromMs + index * everyMs)).filter(Boolean).length
  assert.is(written(0, 100, 0), 3)
  assert.is(written(100, 1_000, 10), 10)
  assert.is(written(1_000_000, 100, 0), 3)
})

test('a clock that goes back allows nothing more', () => {
  const limit = new LogLimit(LIMIT)
  for (let times = 0; times < 3; times++) assert.ok(limit.allows(5_000))
  for (const nowMs of [4_000, 0, -1_000]) assert.not(limit.allows(nowMs))
})

test('writes lines as they are, and of those beyond the limit how many there were', async () => {
  const log = keepLog()
  using limited = new LimitedLog({ log, about: 'this and that', limit: LIMIT, tellAfterMs: 20, nowMs: () => 0 })
  limited.error('one')
  limited.warn('two')
  limited.info('three')
  for (let times = 0; times < 1_000; times++) limited.warn('more')
  await eventually(() => log.lines.length > 3, { what: 'the others are told' })
  assert.equal(log.lines, [
    ['error', 'one'],
    ['warn', 'two'],
    ['info', 'three'],
    ['warn', '1000 more lines about this and that were not logged'],
  ])
})

test('tells at its end what is still to be told, once', () => {
  const log = keepLog()
  const limited = new LimitedLog({ log, about: 'this', limit: LIMIT, nowMs: () => 0 })
  for (let times = 0; times < 4; times++) limited.info('line')
  limited[Symbol.dispose]()
  limited[Symbol.dispose]()
  assert.is(log.lines.at(-1)?.[1], '1 more line about this was not logged')
  assert.is(log.lines.length, 4)
})

test.run()
