import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Leftovers } from '../../agent/mqtt/leftovers.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { openSession } from './session-for-test.ts'

const HALL = { id: 'hall', zones: [{ id: 'desk' }], lines: [{ id: 'entrance' }] }
const OURS = ['hall/count', 'hall/zone/desk/count', 'hall/line/entrance/in', 'area/shop/inside']
const OLD = [
  ...['status', 'running', 'count', 'occupied', 'state'].map((name) => `attic/${name}`),
  'attic/line/stairs/out',
  'hall/zone/sofa/count',
  'hall/line/window/in',
  'area/cellar/inside',
]
const OTHERS = [
  'headcount/door/area/shop/outside',
  'headcount/garage/attic/count',
  'headcount/door/area/x/y/inside',
  'other/door/attic/count',
]

async function leave(broker: Broker, topics: readonly string[]): Promise<void> {
  const earlier = await connectAsync(broker.url)
  for (const topic of topics) await earlier.publishAsync(topic, '5', { qos: 1, retain: true })
  await earlier.endAsync()
}

const named = (suffix: string) => `headcount/door/${suffix}`

const test = suite('leftovers')

for (const version of [5, 4]) {
  test(`takes back streams, zones, lines and areas that are no more, and nothing else (MQTT ${version === 5 ? '5' : '3.1.1'})`, async () => {
    await using broker = await startBroker()
    await leave(broker, [...OTHERS, ...[...OURS, ...OLD].map(named)])
    await using mqtt = await recordMqtt(broker.url)
    const { session } = openSession({ url: broker.url, version })
    await using _ = session
    using _leftovers = new Leftovers({ topics: session, streams: () => [HALL], areas: [{ id: 'shop' }], afterMs: 100 })
    for (const suffix of OLD) await mqtt.until(named(suffix), '')
    await using all = await recordMqtt(broker.url, '+')
    await all.until(named('status'), 'online')
    await all.caughtUp()
    assert.equal(all.heard.map(({ topic }) => topic).sort(), [...OTHERS, ...OURS.map(named), named('status')].sort())
  })
}

test('a stream that is added before the judgement keeps its topics', async () => {
  await using broker = await startBroker()
  await leave(broker, ['hall/count', 'attic/count'].map(named))
  await using mqtt = await recordMqtt(broker.url)
  const { session } = openSession({ url: broker.url })
  await using _ = session
  const streams: { id: string; zones: []; lines: [] }[] = []
  using _leftovers = new Leftovers({ topics: session, streams: () => streams, areas: [], afterMs: 2_000 })
  streams.push({ id: 'hall', zones: [], lines: [] })
  await mqtt.until(named('attic/count'), '')
  assert.is(mqtt.last(named('hall/count')), '5')
})

test.run()
