import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configSchema } from '../../agent/config/schema.ts'
import { AgentError } from '../../agent/errors.ts'
import { discoveryMessages, discoveryPayload } from '../../agent/mqtt/discovery.ts'
import { type Forgotten, forgetTopics } from '../../agent/mqtt/forget.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { discoveryFacts } from './discovery-facts.ts'

const test = suite('what is retained is taken back')

const never = new AbortController().signal

function forget(mqtt: Record<string, unknown>, signal = never, limitMs?: number): Promise<Forgotten> {
  const { installation } = discoveryFacts()
  const options = { mqtt: configSchema.parse({ mqtt }).mqtt, node: 'hall', installation, signal }
  return forgetTopics(limitMs === undefined ? options : { ...options, limitMs })
}

/** Retains each payload under its topic. */
async function retain(broker: Broker, messages: Readonly<Record<string, string>>): Promise<void> {
  const client = await connectAsync(broker.url)
  for (const [topic, payload] of Object.entries(messages)) await client.publishAsync(topic, payload, { qos: 1, retain: true })
  await client.endAsync()
}

/** The retained topics below a prefix. */
async function retained(broker: Broker, prefix: string): Promise<string[]> {
  await using recorder = await recordMqtt(broker.url, prefix)
  await recorder.caughtUp()
  return recorder.heard.map(({ topic }) => topic)
}

/** The discovery message of the device of a node. */
function device(node: string, installation: string): Record<string, string> {
  const [message] = discoveryMessages({ ...discoveryFacts(), node, installation })
  return message ? { [message.topic]: discoveryPayload(message.config) } : {}
}

test('takes back its own topics and devices, and nobody else’s', async () => {
  await using broker = await startBroker()
  const { installation } = discoveryFacts()
  await retain(broker, {
    'headcount/hall/status': 'offline',
    'headcount/hall/door/count': '3',
    'headcount/hall/door/line/entrance/in': '12',
    'headcount/hallway/status': 'offline',
    'headcount/hallway/door/count': '1',
    ...device('hall', installation),
    ...device('hallway', 'somebody-else'),
    'homeassistant/device/lamp/config': '{"o": {"name": "lamps"}}',
  })
  const { cleared, refused } = await forget({ url: broker.url })
  assert.is(cleared.length, 4, cleared.join(' '))
  assert.equal(refused, [])
  assert.equal((await retained(broker, 'headcount')).sort(), ['headcount/hallway/door/count', 'headcount/hallway/status'])
  assert.equal((await retained(broker, 'homeassistant')).sort(), [
    'homeassistant/device/headcount_hallway/config',
    'homeassistant/device/lamp/config',
  ])
})

test('takes back devices and topics of a former name, unless somebody is there under it', async () => {
  await using broker = await startBroker()
  const { installation } = discoveryFacts()
  await retain(broker, {
    ...device('old', installation),
    'headcount/old/status': 'offline',
    'headcount/old/door/count': 'unknown',
    'headcount/old/area/shop/inside': '3',
    'headcount/old/door/own': '3',
    ...device('clone', installation),
    'headcount/clone/status': 'online',
    'headcount/clone/door/count': '2',
  })
  const { cleared } = await forget({ url: broker.url })
  const gone = ['headcount/old/area/shop/inside', 'headcount/old/door/count', 'headcount/old/status']
  assert.equal([...cleared].sort(), [...gone, 'homeassistant/device/headcount_old/config'])
  assert.equal((await retained(broker, 'headcount')).sort(), [
    'headcount/clone/door/count',
    'headcount/clone/status',
    'headcount/old/door/own',
  ])
})

test('leaves everything as it is while a headcount of this name is there', async () => {
  await using broker = await startBroker()
  await retain(broker, { 'headcount/hall/status': 'online', 'headcount/hall/door/count': '3' })
  await forget({ url: broker.url }).then(
    () => assert.unreachable('it was not refused'),
    (error: unknown) => {
      assert.instance(error, AgentError)
      assert.is((error as AgentError).code, 'CONFLICT')
    },
  )
  assert.is((await retained(broker, 'headcount')).length, 2)
})

test('has nothing to do at a broker that knows nothing of it, and leaves no will behind', async () => {
  await using broker = await startBroker()
  assert.equal(await forget({ url: broker.url }), { cleared: [], refused: [] })
  assert.equal(await retained(broker, 'headcount'), [])
})

test('speaks MQTT 3.1.1 too', async () => {
  await using broker = await startBroker()
  await retain(broker, { 'headcount/hall/status': 'offline' })
  assert.equal((await forget({ url: broker.url, version: 4 })).cleared, ['headcount/hall/status'])
})

test('names what the broker does not let it take back', async () => {
  await using broker = await startBroker({
    acl: 'topic readwrite headcount/+/door/#\ntopic read headcount/hall/status\ntopic write headcount/hall/status',
  })
  const left = { 'headcount/hall/status': 'offline', 'headcount/hall/door/count': '3' }
  await retain(broker, left)
  await broker.rewriteAcl('topic readwrite headcount/hall/door/#\ntopic read headcount/hall/status\ntopic read homeassistant/#')
  // The access list is read again a moment later; what is taken back meanwhile is put back.
  const refused = await eventually(
    async () => {
      const forgotten = await forget({ url: broker.url })
      await retain(broker, left)
      return forgotten.refused.length > 0 && forgotten.refused
    },
    { what: 'something is refused' },
  )
  assert.equal(refused, ['headcount/hall/status'])
})

test('says why when the broker is away, refuses us, or does not answer', async () => {
  const broker = await startBroker({ users: { counter: 'right' } })
  const codeOf = (mqtt: Record<string, unknown>, limitMs?: number) =>
    forget(mqtt, never, limitMs).then(
      () => 'nothing',
      (error: unknown) => (error instanceof AgentError ? error.code : String(error)),
    )
  try {
    assert.is(await codeOf({ url: broker.url }), 'BROKER_REFUSED')
    process.kill(broker.pid, 'SIGSTOP')
    assert.is(await codeOf({ url: broker.url, username: 'counter' }, 500), 'BROKER_UNREACHABLE')
  } finally {
    await broker[Symbol.asyncDispose]()
  }
  assert.is(await codeOf({ url: broker.url }), 'BROKER_UNREACHABLE')
})

test('ends when it is told to', async () => {
  await using broker = await startBroker()
  process.kill(broker.pid, 'SIGSTOP')
  const stop = new AbortController()
  const done = forget({ url: broker.url }, stop.signal)
  stop.abort()
  await done.then(
    () => assert.unreachable('it did not end'),
    (error: unknown) => assert.is((error as Error).name, 'AbortError'),
  )
})

test.run()
