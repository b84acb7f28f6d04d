import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { StatePublisher } from '../../agent/mqtt/publisher.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { openSession } from './session-for-test.ts'
import { streamReport } from './stream-report.ts'

const COUNT = 'headcount/door/cam/count'
const test = suite('state publisher')

test('says a fast count five times a second and its last value always', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  const { session } = openSession({ url: broker.url })
  await using _ = session
  await eventually(() => session.online, { what: 'the session is online' })
  using publisher = new StatePublisher({ topics: session, heartbeatMs: 60_000 })
  const startedMs = performance.now()
  for (let count = 1; count <= 100; count++) {
    publisher.update('cam', streamReport({ count }))
    await sleep(10)
  }
  const tookS = (performance.now() - startedMs) / 1_000
  await mqtt.until(COUNT, '100')
  assert.is(mqtt.of(COUNT)[0], '1')
  assert.ok(mqtt.of(COUNT).length <= tookS * 5 + 2, `${mqtt.of(COUNT).length} counts in ${tookS} s`)
})

test('says at once that a count is not known any more', async () => {
  const said: string[] = []
  const topics = { retain: (suffix: string, payload: string) => said.push(`${suffix}=${payload}`), clear: () => undefined }
  using publisher = new StatePublisher({ topics, heartbeatMs: 60_000, now: () => 0 })
  publisher.update('cam', streamReport({ count: 2 }))
  publisher.update('cam', streamReport({ count: 3 }))
  assert.not.ok(said.includes('cam/count=3'))
  publisher.update('cam', streamReport({ count: null, quality: 'unknown', status: 'offline' }))
  assert.ok(said.includes('cam/count=unknown'))
  assert.ok(said.includes('cam/status=offline'))
})

test('repeats the whole state as a heartbeat, with its age of then', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  const { session } = openSession({ url: broker.url })
  await using _ = session
  using publisher = new StatePublisher({ topics: session, heartbeatMs: 100 })
  publisher.update('cam', streamReport({ count: 2, ageMs: 0 }))
  await eventually(() => mqtt.of(COUNT).length >= 3, { what: 'three heartbeats' })
  const ages = mqtt.of('headcount/door/cam/state').map((state) => (JSON.parse(state) as { ageMs: number }).ageMs)
  assert.ok((ages.at(-1) ?? 0) > (ages[0] ?? 0), ages.join())
})

test('takes back every topic of a stream that is removed, and of a zone that is gone', async () => {
  await using broker = await startBroker()
  const { session } = openSession({ url: broker.url })
  await using _ = session
  using publisher = new StatePublisher({ topics: session, heartbeatMs: 60_000 })
  publisher.update('old', streamReport())
  publisher.update('cam', streamReport({ zones: { desk: { count: 1, dwellCount: 3, dwellMeanS: null, dwellP90S: null } } }))
  await using mqtt = await recordMqtt(broker.url)
  await mqtt.until('headcount/door/cam/zone/desk/count', '1')
  publisher.remove('old')
  publisher.update('cam', streamReport({ count: null }))
  await mqtt.until('headcount/door/old/state', '')
  await mqtt.until('headcount/door/cam/zone/desk/count', '')
  await using late = await recordMqtt(broker.url)
  await late.until('headcount/door/cam/count', 'unknown')
  await late.caughtUp()
  assert.not.ok(late.heard.some(({ topic }) => topic.includes('/old/') || topic.includes('/zone/')))
})

test('leaves no count behind that nobody watches over', async () => {
  await using broker = await startBroker()
  {
    const { session } = openSession({ url: broker.url })
    await using _ = session
    using publisher = new StatePublisher({ topics: session, heartbeatMs: 60_000 })
    publisher.update('cam', streamReport({ count: 4 }))
    await eventually(() => session.online, { what: 'the session is online' })
  }
  await using late = await recordMqtt(broker.url)
  await late.until('headcount/door/status', 'offline')
  await late.until(COUNT, 'unknown')
  await late.until('headcount/door/cam/status', 'offline')
})

test.run()
