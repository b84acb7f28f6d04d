import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { statusLine } from '../../agent/health/service-status.ts'
import { COUNTING, MISSING, REFUSED, STARTING, STOPPED, service, WAITING } from './service-facts-for-test.ts'

const test = suite('service status')

test('says how many streams count', () => {
  assert.is(statusLine(service([COUNTING])), 'counting 1 of 1 stream')
  assert.is(statusLine(service([COUNTING, { ...COUNTING, id: 'gate' }])), 'counting 2 of 2 streams')
  assert.is(statusLine(service([])), 'there are no streams')
})

test('says which stream does not count, and why, without the remedy', () => {
  const line = statusLine(service([COUNTING, REFUSED, STOPPED]))
  assert.is(line, 'counting 1 of 3 streams; garage offline: The camera 192.0.2.7 refuses the connection; cellar stopped')
  assert.is(statusLine(service([STARTING])), 'counting 0 of 1 stream; door offline')
})

test('says once what is wrong with the detector, not once a stream', () => {
  const line = statusLine(service([WAITING, { ...WAITING, id: 'gate' }], MISSING))
  assert.is(line, 'counting 0 of 2 streams; detection is down: No Hailo device answers')
})

test('says that the CPU stands in, how warm the NPU is, and what else is wrong', () => {
  assert.is(statusLine(service([COUNTING], { cpuFallback: true })), 'counting 1 of 1 stream; the CPU detects, the NPU is down')
  assert.is(statusLine(service([COUNTING], { npuTemperatureC: 61.4 })), 'counting 1 of 1 stream; NPU 61 °C')
  const broker = { code: 'BROKER_UNREACHABLE', message: 'The broker mqtt://b does not answer: nothing listens there.', remedy: '' } as const
  const line = statusLine({ ...service([COUNTING]), others: [broker] })
  assert.is(line, 'counting 1 of 1 stream; The broker mqtt://b does not answer: nothing listens there')
})

test('holds no password, whatever a reason says', () => {
  const fault = { code: 'SOURCE_FAILED', message: 'Could not open rtsp://eye:hunter2@192.0.2.7/live.', remedy: '' } as const
  const line = statusLine(service([{ ...STARTING, fault }]))
  assert.not.match(line, 'hunter2')
  assert.match(line, 'rtsp://eye:***@192.0.2.7/live')
})

test('stays one line of bounded length, with many streams and long reasons', () => {
  const fault = { code: 'SOURCE_FAILED', message: 'x'.repeat(5_000), remedy: '' } as const
  const streams = Array.from({ length: 64 }, (_, n) => ({ ...STARTING, id: `camera-${n}`, fault }))
  const line = statusLine(service(streams, { ...MISSING, npuTemperatureC: 60 }))
  assert.ok(line.length <= 400)
  assert.match(line, 'counting 0 of 64 streams')
  assert.match(statusLine(service(streams)), '61 more')
})

test.run()
