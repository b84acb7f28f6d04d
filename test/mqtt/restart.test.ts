import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configSchema } from '../../agent/config/schema.ts'
import { openLog } from '../../agent/log.ts'
import { AreaPublisher } from '../../agent/mqtt/area-publisher.ts'
import { DiscoveryPublisher } from '../../agent/mqtt/discovery-publisher.ts'
import { EventDelivery } from '../../agent/mqtt/event-delivery.ts'
import { StatePublisher } from '../../agent/mqtt/publisher.ts'
import { MqttSession } from '../../agent/mqtt/session.ts'
import { openHistory, temporaryFolder } from '../history/open-history.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { discoveryFacts } from './discovery-facts.ts'
import { streamReport } from './stream-report.ts'

const test = suite('mqtt after a restart of the broker')

const NODE = 'headcount/hallway'
const PACE = { stepMs: 20, settleMs: 60, birthDelayMs: 50, statesDelayMs: 50, quietMs: 1_000 }

/** Everything that headcount says over MQTT, as it is put together in the agent. */
async function openAll(broker: Broker, version: number) {
  const folder = await temporaryFolder()
  const opened = await openHistory(folder.path)
  const log = openLog({ level: 'error', write: () => undefined, journal: false })
  const { mqtt } = configSchema.parse({ mqtt: { url: broker.url, version } })
  const session = MqttSession.open({ mqtt, node: 'hallway', log, retryDelayMs: () => 50 })
  const states = new StatePublisher({ topics: session, heartbeatMs: 60_000 })
  const areas = new AreaPublisher({ topics: session, heartbeatMs: 60_000 })
  const events = new EventDelivery({ topics: session, crossings: opened.history, log })
  const { streams, ...facts } = discoveryFacts()
  const discovery = new DiscoveryPublisher({
    topics: session,
    facts,
    streams: () => streams,
    repeatStates: () => states.repeatAll(),
    pace: PACE,
  })
  return {
    session,
    states,
    areas,
    events,
    history: opened.history,
    async [Symbol.asyncDispose]() {
      discovery[Symbol.dispose]()
      events[Symbol.dispose]()
      areas[Symbol.dispose]()
      states[Symbol.dispose]()
      await session[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** What a newcomer finds at the broker once everything was told. */
async function retained(broker: Broker): Promise<Record<string, string>> {
  await using early = await recordMqtt(broker.url, '+')
  await early.until(`${NODE}/status`, 'online')
  await early.until('homeassistant/device/headcount_hallway_yard/config', (text) => text !== '')
  await using late = await recordMqtt(broker.url, '+')
  const person = await connectAsync(broker.url)
  // What is retained comes before this.
  await person.publishAsync('end/all', 'end', { qos: 1 })
  await late.until('end/all', 'end')
  await person.endAsync()
  return Object.fromEntries(late.heard.filter(({ retain }) => retain).map(({ topic, payload }) => [topic, payload]))
}

const desk = { count: 2, dwellCount: 3, dwellMeanS: 4.5, dwellP90S: 9 }
const entrance = { in: 6, out: 1, inToday: 3, outToday: 0 }
const door = streamReport({
  count: 3,
  occupied: true,
  zones: { desk, front_window: { ...desk, count: null } },
  lines: { entrance },
  uniqueLastHour: 12,
})

for (const version of [5, 4]) {
  test(`a broker that was killed and has kept nothing gets everything again, with what changed meanwhile (version ${version})`, async () => {
    await using broker = await startBroker()
    await using all = await openAll(broker, version)
    all.states.update('door', door)
    all.states.update('yard', streamReport({ count: null, occupied: null, quality: 'unknown', reason: 'camera lost', status: 'offline' }))
    all.areas.update('shop', 5)
    const before = await retained(broker)
    assert.equal(Object.keys(before).filter((topic) => topic.startsWith('homeassistant')).length, 3, Object.keys(before).join(' '))
    const plain = (topics: Record<string, string>) =>
      Object.fromEntries(Object.entries(topics).filter(([topic]) => topic.startsWith(NODE) && !topic.endsWith('/state')))
    const expected = {
      [`${NODE}/status`]: 'online',
      [`${NODE}/door/status`]: 'online',
      [`${NODE}/door/running`]: 'ON',
      [`${NODE}/door/count`]: '3',
      [`${NODE}/door/occupied`]: 'ON',
      [`${NODE}/door/zone/desk/count`]: '2',
      [`${NODE}/door/zone/front_window/count`]: 'unknown',
      [`${NODE}/door/line/entrance/in`]: '6',
      [`${NODE}/door/line/entrance/out`]: '1',
      [`${NODE}/yard/status`]: 'offline',
      [`${NODE}/yard/running`]: 'ON',
      [`${NODE}/yard/count`]: 'unknown',
      [`${NODE}/yard/occupied`]: 'None',
      [`${NODE}/area/shop/inside`]: '5',
    }
    assert.equal(plain(before), expected)

    await broker.stop('SIGKILL')
    await eventually(() => !all.session.online, { what: 'the session has noticed' })
    all.states.update('door', { ...door, lines: { entrance: { ...entrance, in: 7 } } })
    all.areas.update('shop', 6)
    await all.history.commitCrossings([{ stream: 'door', line: 'entrance', direction: 'in', track: 9, atMs: 1_700_000_000_000 }])
    all.events.wake()
    all.events.tell({ stream: 'door', type: 'zone_enter', atMs: 1_700_000_000_001, track: 9, zone: 'desk' })
    await broker.start()
    await eventually(() => all.session.online, { what: 'the session is back' })
    const after = await retained(broker)
    assert.equal(plain(after), { ...expected, [`${NODE}/door/line/entrance/in`]: '7', [`${NODE}/area/shop/inside`]: '6' })
    const discovery = (topics: Record<string, string>) =>
      Object.fromEntries(Object.entries(topics).filter(([topic]) => topic.startsWith('homeassistant')))
    assert.equal(discovery(after), discovery(before))
    await eventually(async () => (await all.history.undelivered(1)).length === 0, { what: 'the crossing of the gap is delivered' })
  })
}

test('everything together ends in time before a broker that is frozen', async () => {
  await using broker = await startBroker()
  const all = await openAll(broker, 5)
  all.states.update('door', door)
  all.areas.update('shop', 5)
  await eventually(() => all.session.online, { what: 'the session is online' })
  process.kill(broker.pid, 'SIGSTOP')
  for (let track = 0; track < 100; track++) {
    await all.history.commitCrossings([{ stream: 'door', line: 'entrance', direction: 'in', track, atMs: Date.now() }])
    all.events.wake()
    all.events.tell({ stream: 'door', type: 'zone_enter', atMs: Date.now(), track, zone: 'desk' })
  }
  const startedMs = performance.now()
  await all[Symbol.asyncDispose]()
  const tookMs = performance.now() - startedMs
  // Two seconds are promised, the history's file included; the machine may be loaded.
  assert.ok(tookMs < 15_000, `took ${Math.round(tookMs)} ms`)
})

test.run()
