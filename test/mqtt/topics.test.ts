import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countText, covers, newsKey, occupiedText, stateMessages, topicName } from '../../agent/mqtt/topics.ts'
import type { NpuReport } from '../../agent/npu-report.ts'
import { streamReport } from './stream-report.ts'

const test = suite('mqtt topics')

const NPU: NpuReport = { utilisation: 0.5, temperatureC: 50, batchFill: 0.5, queueAgeMs: 2, timeouts: 2, recoveries: 1 }

/** What is said of stream "cam", by topic below it. */
function said(changes: Parameters<typeof streamReport>[0]): Record<string, string> {
  return Object.fromEntries(stateMessages('cam', streamReport(changes)).map(({ suffix, payload }) => [suffix.replace('cam/', ''), payload]))
}

test('puts prefix and node before a topic', () => {
  assert.is(topicName('headcount', 'door', 'cam/count'), 'headcount/door/cam/count')
})

test('knows which topics a filter means', () => {
  assert.ok(covers('a/b', 'a/b'))
  assert.ok(covers('a/+/c', 'a/b/c'))
  for (const topic of ['a/b', 'a/b/c/d', 'x/b/c', 'a/b/x']) assert.not.ok(covers('a/+/c', topic))
})

test('never says 0 for not knowing', () => {
  assert.is(countText(null), 'unknown')
  assert.is(countText(0), '0')
  assert.is(occupiedText(null), 'None')
  assert.is(occupiedText(false), 'OFF')
  const unknown = said({
    count: null,
    occupied: null,
    quality: 'unknown',
    status: 'offline',
    zones: { desk: { count: null, dwellCount: 0, dwellMeanS: null, dwellP90S: null } },
  })
  assert.is(unknown['count'], 'unknown')
  assert.is(unknown['occupied'], 'None')
  assert.is(unknown['zone/desk/count'], 'unknown')
  assert.is(unknown['status'], 'offline')
  assert.is((JSON.parse(unknown['state'] ?? '') as { count: number | null }).count, null)
})

test('says count, status, running, zones and lines on topics of their own', () => {
  const { state: _state, ...plain } = said({
    count: 3,
    occupied: true,
    zones: { desk: { count: 1, dwellCount: 3, dwellMeanS: 2, dwellP90S: 4 } },
    lines: { entrance: { in: 6, out: 1, inToday: 2, outToday: 0 } },
  })
  assert.equal(plain, {
    status: 'online',
    running: 'ON',
    count: '3',
    occupied: 'ON',
    'zone/desk/count': '1',
    'line/entrance/in': '6',
    'line/entrance/out': '1',
  })
})

test('gives the state exactly the fields that are promised', () => {
  const state = JSON.parse(said({})['state'] ?? '') as Record<string, unknown>
  assert.equal(state, {
    ts: 1_700_000_000_000,
    count: 0,
    occupied: false,
    quality: 'live',
    reason: null,
    ageMs: 40,
    fps: 10,
    bufferFps: 30,
    inferenceMs: 81.2,
    backend: 'hog',
    simulated: false,
    cpuFallback: false,
    npu: null,
    zones: {},
    lines: {},
    uniqueLastHour: 0,
  })
})

test('tells of the NPU no more digits than mean something, and null for what cannot be read', () => {
  const told = (npu: NpuReport) => (JSON.parse(said({ npu })['state'] ?? '') as { npu: unknown }).npu
  assert.equal(told({ ...NPU, utilisation: 0.618_034, temperatureC: 54.321, batchFill: 0.987_6, queueAgeMs: 3.123_45 }), {
    utilisation: 0.618,
    temperatureC: 54.3,
    batchFill: 0.99,
    queueAgeMs: 3.1,
    timeouts: 2,
    recoveries: 1,
  })
  const unread = { ...NPU, temperatureC: null, batchFill: null, queueAgeMs: null }
  assert.equal(told(unread), unread)
  assert.equal(told({ ...NPU, temperatureC: Number.NaN, utilisation: Number.NaN }), { ...NPU, temperatureC: null, utilisation: 0 })
})

test('takes it for news that the CPU stands in or that an NPU is there, not what the NPU does from second to second', () => {
  const quiet = newsKey(streamReport({ npu: NPU }))
  assert.is(newsKey(streamReport({ npu: { ...NPU, utilisation: 0.9, temperatureC: 80, batchFill: 1, queueAgeMs: 9, timeouts: 7 } })), quiet)
  assert.is.not(newsKey(streamReport({ npu: null })), quiet)
  assert.is.not(newsKey(streamReport({ npu: { ...NPU, temperatureC: null } })), quiet, 'its first figures')
  assert.is.not(newsKey(streamReport({ npu: NPU, cpuFallback: true })), quiet)
})

test('says nothing of a line whose totals could not be read yet', () => {
  const { state = '', ...plain } = said({ lines: { entrance: { in: null, out: null, inToday: null, outToday: null } } })
  assert.not.ok(Object.keys(plain).some((suffix) => suffix.startsWith('line/')))
  assert.equal((JSON.parse(state) as { lines: unknown }).lines, { entrance: { in: null, out: null, inToday: null, outToday: null } })
})

test('takes the end of a stay for news, not the hour that passes', () => {
  const desk = { count: 1, dwellCount: 3, dwellMeanS: 2, dwellP90S: 4 }
  const before = newsKey(streamReport({ zones: { desk } }))
  assert.is(newsKey(streamReport({ zones: { desk: { ...desk, dwellMeanS: 2.01, dwellP90S: 5 } }, uniqueLastHour: 9 })), before)
  assert.is.not(newsKey(streamReport({ zones: { desk: { ...desk, dwellCount: 4 } } })), before)
  assert.is.not(newsKey(streamReport({ zones: { desk: { ...desk, count: 2 } } })), before)
  assert.is.not(newsKey(streamReport({ zones: { desk: { ...desk, count: null } } })), before)
  const line = { in: 1, out: 0, inToday: 1, outToday: 0 }
  assert.is.not(newsKey(streamReport({ lines: { a: line } })), newsKey(streamReport({ lines: { a: { ...line, outToday: 1 } } })))
})

test('does not take a passing age or rate for news', () => {
  assert.is(newsKey(streamReport({ ageMs: 1, fps: 2, ts: 3 })), newsKey(streamReport({ ageMs: 9, fps: 8, ts: 7 })))
  assert.is.not(newsKey(streamReport({ count: 1 })), newsKey(streamReport({ count: 2 })))
  assert.is.not(newsKey(streamReport({ running: true })), newsKey(streamReport({ running: false })))
})

test.run()
