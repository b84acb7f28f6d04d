import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configSchema } from '../../agent/config/schema.ts'
import { openLog } from '../../agent/log.ts'
import type { DiscoveryFacts } from '../../agent/mqtt/discovery.ts'
import { DiscoveryPublisher, type DiscoveryPublisherOptions } from '../../agent/mqtt/discovery-publisher.ts'
import type { StreamFacts } from '../../agent/mqtt/discovery-stream-entities.ts'
import { MqttSession } from '../../agent/mqtt/session.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { discoveryFacts } from './discovery-facts.ts'
import { discoveryFaults } from './discovery-validator.ts'

const test = suite('discovery publisher')

/** Quick, but with every pause there is. */
const PACE = { stepMs: 20, settleMs: 60, birthDelayMs: 50, statesDelayMs: 50, quietMs: 1_000 }
/** A pause that only a clock in the hand of the test lets pass. */
const LONG_MS = 3_600_000
const DOOR: StreamFacts = { id: 'door', zones: [{ id: 'desk' }], lines: [{ id: 'entrance' }] }
const YARD: StreamFacts = { id: 'yard', zones: [], lines: [] }

/** Of everything that a headcount retains below its node one, and its status. */
const LEFT = [
  ...['status', 'running', 'count', 'occupied', 'state'].map((name) => `door/${name}`),
  ...['door/zone/desk/count', 'door/line/entrance/in', 'door/line/entrance/out', 'area/shop/inside'],
]

type Facts = Partial<Omit<DiscoveryFacts, 'discovery' | 'streams'>> & { readonly discovery?: string | false }

/** An agent as far as discovery goes. */
interface Rig extends AsyncDisposable {
  /** From now on these are the streams. */
  readonly change: (streams: readonly StreamFacts[]) => void
  readonly session: MqttSession
  /** How often all states were asked for again. */
  readonly repeats: () => number
  /** When something was said on a topic, by the clock of the sender: the way to a listener takes as long as it likes. */
  readonly saidMs: (topic: string) => readonly number[]
}

function rig(url: string, first: readonly StreamFacts[], facts: Facts = {}, options: Partial<DiscoveryPublisherOptions> = {}): Rig {
  let streams = first
  const { streams: _streams, ...all } = { ...discoveryFacts(), ...facts }
  const log = openLog({ level: 'error', write: () => undefined, journal: false })
  const { mqtt } = configSchema.parse({ mqtt: { url, prefix: all.prefix } })
  const session = MqttSession.open({ mqtt, node: all.node, log, retryDelayMs: () => 50 })
  let repeats = 0
  const now = options.now ?? (() => performance.now())
  const said: { readonly topic: string; readonly atMs: number }[] = []
  const publisher = new DiscoveryPublisher({
    topics: {
      get online() {
        return session.online
      },
      topic: (suffix) => session.topic(suffix),
      listen: (filter, listener) => session.listen(filter, listener),
      retainAt: (topic, payload, how) => {
        said.push({ topic, atMs: now() })
        session.retainAt(topic, payload, how)
      },
    },
    facts: all,
    streams: () => streams,
    repeatStates: () => repeats++,
    pace: PACE,
    ...options,
  })
  return {
    change: (next) => {
      streams = next
    },
    session,
    repeats: () => repeats,
    saidMs: (topic) => said.filter((each) => each.topic === topic).map(({ atMs }) => atMs),
    async [Symbol.asyncDispose]() {
      publisher[Symbol.dispose]()
      await session[Symbol.asyncDispose]()
    },
  }
}

/** A clock that stands still within a step of the publisher, however long that takes, and that the test can put forward. */
function stepClock() {
  let nowMs = 0
  const timer = setInterval(() => {
    nowMs += PACE.stepMs
  }, PACE.stepMs)
  return {
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

const topicOf = (device: string, prefix = 'homeassistant') => `${prefix}/device/headcount_${device}/config`

/** What a newcomer finds at the broker, by device. */
async function retained(broker: Broker, prefix = 'homeassistant'): Promise<Record<string, string>> {
  await using late = await recordMqtt(broker.url, prefix)
  const client = await connectAsync(broker.url)
  // What is retained comes before this.
  await client.publishAsync(`${prefix}/end`, 'end', { qos: 1 })
  await late.until(`${prefix}/end`, 'end')
  await client.endAsync()
  return Object.fromEntries(
    late.heard
      .filter(({ topic, retain }) => retain && topic.endsWith('/config'))
      .map(({ topic, payload }) => [topic.split('/')[2]?.replace('headcount_', '') ?? '', payload]),
  )
}

async function devicesAt(broker: Broker): Promise<string[]> {
  return Object.keys(await retained(broker)).sort()
}

async function untilDevices(broker: Broker, wanted: readonly string[]): Promise<void> {
  let last: string[] = []
  await eventually(
    async () => {
      last = await devicesAt(broker)
      return last.join() === wanted.join()
    },
    { what: `the devices are ${wanted.join(', ')}`, everyMs: 100, log: () => `they are ${last.join(', ')}` },
  )
}

/** Waits until nothing else is retained outside discovery. */
async function untilLeft(broker: Broker, wanted: readonly string[]): Promise<void> {
  let last: string[] = []
  await eventually(
    async () => {
      await using late = await recordMqtt(broker.url, '+')
      await say(broker, 'end/end', 'end')
      await late.until('end/end', 'end')
      last = late.heard.filter(({ topic, retain }) => retain && !topic.startsWith('homeassistant/')).map(({ topic }) => topic)
      return last.sort().join() === [...wanted].sort().join()
    },
    { what: `what is left is ${wanted.join(', ')}`, everyMs: 100, log: () => `it is ${last.join(', ')}` },
  )
}

async function say(broker: Broker, topic: string, payload: string, retain = false): Promise<void> {
  const client = await connectAsync(broker.url)
  await client.publishAsync(topic, payload, { qos: 1, retain })
  await client.endAsync()
}

const entities = (payload: string | undefined) => (JSON.parse(payload ?? '{}') as { cmps: Record<string, object> }).cmps

/** Everything said of a device is what Home Assistant takes. */
function assertValid(mqtt: MqttRecorder): void {
  for (const { topic, payload } of mqtt.heard.filter((each) => each.topic.endsWith('/config')))
    assert.equal(discoveryFaults({ topic, payload, retain: true }), [], topic)
}

test('tells of agent and streams, retained, the agent first, each once', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url, 'homeassistant')
  await using _ = rig(broker.url, [DOOR, YARD])
  await untilDevices(broker, ['hallway', 'hallway_door', 'hallway_yard'])
  assert.equal(
    mqtt.heard.map(({ topic }) => topic).filter((topic) => topic.endsWith('/config')),
    ['hallway', 'hallway_door', 'hallway_yard'].map((device) => topicOf(device)),
  )
  assertValid(mqtt)
})

test('stays when the agent goes: its status says that it has gone', async () => {
  await using broker = await startBroker()
  {
    await using _ = rig(broker.url, [DOOR])
    await untilDevices(broker, ['hallway', 'hallway_door'])
  }
  assert.equal(await devicesAt(broker), ['hallway', 'hallway_door'])
})

test('adds and removes streams that come and go', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url, 'homeassistant')
  await using agent = rig(broker.url, [DOOR])
  await untilDevices(broker, ['hallway', 'hallway_door'])
  agent.change([DOOR, YARD])
  await untilDevices(broker, ['hallway', 'hallway_door', 'hallway_yard'])
  agent.change([YARD])
  await untilDevices(broker, ['hallway', 'hallway_yard'])
  agent.change([DOOR, YARD])
  await untilDevices(broker, ['hallway', 'hallway_door', 'hallway_yard'])
  assert.is(mqtt.of(topicOf('hallway')).length, 1)
  assertValid(mqtt)
})

test('takes a zone that is gone away by name, and tells the device without it only after that', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url, 'homeassistant')
  using clock = stepClock()
  await using agent = rig(broker.url, [DOOR], {}, { now: clock.now })
  await mqtt.until(topicOf('hallway_door'), (text) => 'zoneCount_desk' in entities(text))
  agent.change([{ ...DOOR, zones: [] }])
  await mqtt.until(topicOf('hallway_door'), (text) => !('zoneCount_desk' in entities(text)))
  const [, removal, clean, ...others] = mqtt.heard.filter(({ topic }) => topic === topicOf('hallway_door'))
  assert.equal(others, [])
  assert.equal(entities(removal?.payload)['zoneCount_desk'], { p: 'sensor' })
  assert.ok('lineIn_entrance' in entities(clean?.payload))
  const [, removalMs = 0, cleanMs = 0] = agent.saidMs(topicOf('hallway_door'))
  assert.ok(cleanMs - removalMs >= PACE.settleMs, `${cleanMs - removalMs} ms after the removal`)
  assertValid(mqtt)
})

test('a zone that went while nobody ran is taken away by name at the next start', async () => {
  await using broker = await startBroker()
  {
    await using _ = rig(broker.url, [DOOR])
    await untilDevices(broker, ['hallway', 'hallway_door'])
  }
  await using mqtt = await recordMqtt(broker.url, 'homeassistant')
  await using _ = rig(broker.url, [{ ...DOOR, zones: [] }])
  const removes = (text: string) => JSON.stringify(entities(text)['zoneCount_desk']) === '{"p":"sensor"}'
  await eventually(() => mqtt.of(topicOf('hallway_door')).some(removes), { what: 'the zone is taken away' })
  await mqtt.until(topicOf('hallway_door'), (text) => !('zoneCount_desk' in entities(text)))
  assertValid(mqtt)
})

test('streams that an earlier configuration left at the broker are taken away', async () => {
  await using broker = await startBroker()
  {
    await using _ = rig(broker.url, [DOOR, YARD])
    await untilDevices(broker, ['hallway', 'hallway_door', 'hallway_yard'])
  }
  // Also when the machine is a new one.
  await using _ = rig(broker.url, [YARD], { installation: 'another' })
  await untilDevices(broker, ['hallway', 'hallway_yard'])
})

test('discovery: false takes away what was told, and says nothing', async () => {
  await using broker = await startBroker()
  {
    await using _ = rig(broker.url, [DOOR])
    await untilDevices(broker, ['hallway', 'hallway_door'])
  }
  await say(broker, topicOf('other'), '{"not":"ours"}', true)
  await using agent = rig(broker.url, [DOOR], { discovery: false })
  await untilDevices(broker, ['other'])
  await say(broker, 'homeassistant/status', 'online')
  agent.change([DOOR, YARD])
  await untilDevices(broker, ['other'])
})

test('tells everything again when Home Assistant comes, then availability and states', async () => {
  await using broker = await startBroker()
  await using own = await recordMqtt(broker.url)
  await using mqtt = await recordMqtt(broker.url, 'homeassistant')
  await using agent = rig(broker.url, [DOOR])
  await untilDevices(broker, ['hallway', 'hallway_door'])
  await own.until('headcount/hallway/status', 'online')
  for (let times = 0; times < 5; times++) await say(broker, 'homeassistant/status', 'online')
  await eventually(() => agent.repeats() > 0, { what: 'the states are told again' })
  await eventually(() => own.of('headcount/hallway/status').length > 1, { what: 'the status is told again' })
  assert.is(own.last('headcount/hallway/status'), 'online')
  const told = mqtt.of(topicOf('hallway_door'))
  assert.ok(told.length >= 2 && told.length <= 6, `told ${told.length} times`)
  assert.is(new Set(told).size, 1)
  // Going is no news, and neither is a birth of long ago.
  const before = agent.repeats()
  await say(broker, 'homeassistant/status', 'offline')
  await say(broker, 'homeassistant/status', 'online', true)
  await eventually(() => agent.repeats() > before, { what: 'a birth with the retain flag is answered' })
  await using second = rig(broker.url, [YARD], { node: 'attic', installation: 'attic' })
  await untilDevices(broker, ['attic', 'attic_yard', 'hallway', 'hallway_door'])
  assert.is(second.repeats(), 0)
})

test('hears Home Assistant below another discovery prefix, too', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url, 'ha')
  await using agent = rig(broker.url, [DOOR], { discovery: 'ha' })
  await mqtt.until(topicOf('hallway_door', 'ha'), (text) => text !== '')
  for (const [index, topic] of ['homeassistant/status', 'ha/status'].entries()) {
    await say(broker, topic, 'online')
    await eventually(() => agent.repeats() > index, { what: `${topic} is answered` })
  }
  assert.equal(await devicesAt(broker), [])
})

test('answers a birth after a random while', async () => {
  await using broker = await startBroker()
  let nowMs = 0
  await using agent = rig(
    broker.url,
    [DOOR],
    {},
    { now: () => nowMs, random: () => 0.5, pace: { ...PACE, birthDelayMs: 3_000, statesDelayMs: 1_000 } },
  )
  await using mqtt = await recordMqtt(broker.url, 'homeassistant')
  const told = () => mqtt.of(topicOf('hallway')).length
  await eventually(() => told() === 1, { what: 'the agent is told' })
  await say(broker, 'homeassistant/status', 'online')
  await mqtt.until('homeassistant/status', 'online')
  await say(broker, 'headcount/flush', '')
  nowMs = 1_000
  // Nothing but the clock of the test can make it due; the next wait lets it step many times.
  await say(broker, 'headcount/flush', '')
  assert.is(told(), 1)
  await eventually(
    () => {
      nowMs = Math.max(nowMs, 1_500)
      nowMs += 50
      return told() > 1
    },
    { what: 'the agent is told again' },
  )
  assert.ok(nowMs >= 1_500)
  nowMs += 1_000
  await eventually(() => agent.repeats() === 1, { what: 'the states are told again' })
})

test('tells everything again to a broker that has lost it', async () => {
  await using broker = await startBroker()
  await using agent = rig(broker.url, [DOOR])
  await untilDevices(broker, ['hallway', 'hallway_door'])
  await broker.stop()
  await eventually(() => !agent.session.online, { what: 'the session is offline' })
  agent.change([YARD])
  await broker.start()
  await untilDevices(broker, ['hallway', 'hallway_yard'])
})

test('what changed while the broker was away is put right when it is back', async () => {
  await using broker = await startBroker({ persistent: true })
  await using mqtt = await recordMqtt(broker.url, 'homeassistant')
  using clock = stepClock()
  // The next message does not take the place of the one that is waited for before it was heard.
  await using agent = rig(broker.url, [DOOR, YARD], {}, { now: clock.now, pace: { ...PACE, settleMs: LONG_MS } })
  await untilDevices(broker, ['hallway', 'hallway_door', 'hallway_yard'])
  clock.pass(LONG_MS)
  await broker.stop('SIGTERM')
  await eventually(() => !agent.session.online, { what: 'the session is offline' })
  agent.change([{ ...DOOR, zones: [] }])
  await broker.start()
  await untilDevices(broker, ['hallway', 'hallway_door'])
  const removes = (text: string) => JSON.stringify(entities(text)['zoneCount_desk']) === '{"p":"sensor"}'
  await eventually(() => mqtt.of(topicOf('hallway_door')).filter(Boolean).some(removes), { what: 'the zone is taken away' })
  // What the broker still had may have come after the removal was said: then it is said once more.
  using _passes = setInterval(() => clock.pass(LONG_MS), 100)
  await mqtt.until(topicOf('hallway_door'), (text) => !('zoneCount_desk' in entities(text)))
})

test('a node that is renamed takes its old devices away, and what is retained below its old name', async () => {
  await using broker = await startBroker()
  {
    await using _ = rig(broker.url, [DOOR])
    await untilDevices(broker, ['hallway', 'hallway_door'])
  }
  for (const suffix of LEFT) await say(broker, `headcount/hallway/${suffix}`, '3', true)
  const others = ['headcount/hallway/door/own', 'headcount/hallways/door/count', 'other/hallway/door/count']
  for (const topic of others) await say(broker, topic, '3', true)
  await using _ = rig(broker.url, [DOOR], { node: 'lobby' })
  await untilDevices(broker, ['lobby', 'lobby_door'])
  await untilLeft(broker, [...others, 'headcount/lobby/status'])
})

test('what a node outside our prefix has retained is nobody’s to take back', async () => {
  await using broker = await startBroker()
  for (const node of ['hallway', 'a/b']) await say(broker, `people/${node}/door/count`, '3', true)
  const judgesNobody = { pace: { ...PACE, quietMs: 600_000 } }
  {
    await using _first = rig(broker.url, [DOOR], { prefix: 'people', node: 'hallway' }, judgesNobody)
    await using _second = rig(broker.url, [DOOR], { prefix: 'people/a', node: 'b' }, judgesNobody)
    await untilDevices(broker, ['b', 'b_door', 'hallway', 'hallway_door'])
  }
  // Of the prefix `people`, `a/b` is no node.
  await using _ = rig(broker.url, [DOOR], { prefix: 'people', node: 'lobby' })
  await untilDevices(broker, ['lobby', 'lobby_door'])
  await untilLeft(broker, ['people/a/b/door/count', 'people/a/b/status', 'people/lobby/status'])
})

test('an old name is left alone while somebody lives under it: machines are cloned', async () => {
  await using broker = await startBroker()
  await using _original = rig(broker.url, [DOOR])
  await untilDevices(broker, ['hallway', 'hallway_door'])
  for (const node of ['hallway', 'gone']) await say(broker, `headcount/${node}/door/count`, '3', true)
  {
    await using _ = rig(broker.url, [DOOR], { node: 'gone', installation: '0123456789ab' })
    await untilDevices(broker, ['gone', 'gone_door', 'hallway', 'hallway_door'])
  }
  await using _clone = rig(broker.url, [DOOR], { node: 'lobby' })
  // What is really gone is taken away after the same while, so the other was spared and not only forgotten.
  await untilDevices(broker, ['hallway', 'hallway_door', 'lobby', 'lobby_door'])
  await untilLeft(broker, ['headcount/hallway/door/count', 'headcount/hallway/status', 'headcount/lobby/status'])
})

test('two nodes leave each other alone, also when one’s name begins with the other’s', async () => {
  await using broker = await startBroker()
  await using first = rig(broker.url, [DOOR], { node: 'a', installation: 'a' })
  await using second = rig(broker.url, [DOOR], { node: 'a_b', installation: 'b' })
  await untilDevices(broker, ['a', 'a_b', 'a_b_door', 'a_door'])
  {
    await using _ = rig(broker.url, [YARD], { node: 'a_b_c', installation: 'c' })
    await untilDevices(broker, ['a', 'a_b', 'a_b_c', 'a_b_c_yard', 'a_b_door', 'a_door'])
  }
  first.change([YARD])
  second.change([])
  await untilDevices(broker, ['a', 'a_b', 'a_b_c', 'a_b_c_yard', 'a_yard'])
  // One that comes later finds all of them.
  await using _fourth = rig(broker.url, [], { node: 'd', installation: 'd' })
  await untilDevices(broker, ['a', 'a_b', 'a_b_c', 'a_b_c_yard', 'a_yard', 'd'])
})

test('what other programs have retained does not trouble it', async () => {
  await using broker = await startBroker()
  const foreign = ['', '{', 'null', '[]', '{"o":{"name":"headcount"}}', '{"o":{"name":"zigbee2mqtt"},"dev":{},"cmps":{}}', '\u0000\u0001']
  for (const [index, payload] of foreign.entries()) await say(broker, topicOf(`hallway_x${index}`), payload, true)
  await say(broker, topicOf('hallway_door'), '{"o":{"name":"zigbee2mqtt"}}', true)
  await using _ = rig(broker.url, [YARD])
  await untilDevices(
    broker,
    [
      ...foreign.flatMap((payload, index) => (payload === '' ? [] : [`hallway_x${index}`])),
      'hallway',
      'hallway_door',
      'hallway_yard',
    ].sort(),
  )
})

test('somebody who names a topic of ours as his status gets no ear there', async () => {
  await using broker = await startBroker()
  const lie = (topic: string) =>
    JSON.stringify({ o: { name: 'headcount' }, dev: { ids: ['x'], sn: '0123456789ab' }, availability: [{ topic }], cmps: {} })
  await say(broker, topicOf('liar'), lie('headcount/hallway/command'), true)
  await say(broker, topicOf('liar2'), lie('#'), true)
  await using agent = rig(broker.url, [YARD])
  let commands = 0
  agent.session.listen('headcount/hallway/command', () => commands++)
  await untilDevices(broker, ['hallway', 'hallway_yard', 'liar', 'liar2'])
  await say(broker, 'headcount/hallway/command', '{}')
  await eventually(() => commands === 1, { what: 'the command is heard' })
})

test.run()
