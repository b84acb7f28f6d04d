import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AreaPublisher } from '../../agent/mqtt/area-publisher.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { openSession } from './session-for-test.ts'

const test = suite('area publisher')

const SHOP = 'headcount/door/area/shop/inside'

test('says how many are inside when it changes, never 0 for not knowing, and unknown at the end', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  {
    const { session } = openSession({ url: broker.url })
    await using _ = session
    using publisher = new AreaPublisher({ topics: session, heartbeatMs: 60_000 })
    publisher.update('shop', null)
    await mqtt.until(SHOP, 'unknown')
    publisher.update('shop', 0)
    await mqtt.until(SHOP, '0')
    publisher.update('shop', 0)
    publisher.update('shop', 7)
    await mqtt.until(SHOP, '7')
    assert.equal(mqtt.of(SHOP), ['unknown', '0', '7'])
  }
  await mqtt.until(SHOP, 'unknown')
  await using late = await recordMqtt(broker.url)
  await late.caughtUp()
  assert.equal([late.last('headcount/door/status'), ...late.of(SHOP)], ['offline', 'unknown'])
})

test('says it again as a heartbeat and when it is asked to', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  const { session } = openSession({ url: broker.url })
  await using _ = session
  using quick = new AreaPublisher({ topics: session, heartbeatMs: 50 })
  quick.update('shop', 3)
  await eventually(() => mqtt.of(SHOP).length >= 3, { what: 'three heartbeats' })
  using slow = new AreaPublisher({ topics: session, heartbeatMs: 60_000 })
  slow.update('bar', 1)
  await mqtt.until('headcount/door/area/bar/inside', '1')
  slow.repeatAll()
  await eventually(() => mqtt.of('headcount/door/area/bar/inside').length === 2, { what: 'it is said again' })
})

test('tells a broker that has lost it', async () => {
  await using broker = await startBroker()
  const { session } = openSession({ url: broker.url })
  await using _ = session
  using publisher = new AreaPublisher({ topics: session, heartbeatMs: 60_000 })
  publisher.update('shop', 3)
  await eventually(() => session.online, { what: 'the session is online' })
  await broker.stop()
  await eventually(() => !session.online, { what: 'the session is offline' })
  publisher.update('shop', 4)
  await broker.start()
  await using mqtt = await recordMqtt(broker.url)
  await mqtt.until(SHOP, '4')
})

test.run()
