import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventMessage } from '../../agent/mqtt/events.ts'

const test = suite('mqtt events')

const said = (event: Parameters<typeof eventMessage>[0]) => {
  const { suffix, payload } = eventMessage(event)
  return [suffix, JSON.parse(payload)] as const
}

test('say what happened, when, to whom and where, and nothing that does not apply', () => {
  assert.equal(said({ id: 'r-1', stream: 'door', type: 'line_in', atMs: 1_700_000_000_000.4, track: 7, line: 'entrance' }), [
    'door/event',
    { event_type: 'line_in', id: 'r-1', ts: 1_700_000_000_000, track: 7, line: 'entrance' },
  ])
  assert.equal(said({ id: 'r-e2', stream: 'door', type: 'zone_leave', atMs: 5, track: 0, zone: 'desk', dwellS: 4.56 }), [
    'door/event',
    { event_type: 'zone_leave', id: 'r-e2', ts: 5, track: 0, zone: 'desk', dwellS: 4.6 },
  ])
  assert.equal(said({ id: 'r-e3', stream: 'yard', type: 'vacant', atMs: 6, track: null }), [
    'yard/event',
    { event_type: 'vacant', id: 'r-e3', ts: 6, track: null },
  ])
})

test.run()
