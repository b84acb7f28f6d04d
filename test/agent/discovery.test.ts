import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { renderPayload } from '../mqtt/discovery-template.ts'
import { discoveryFaults } from '../mqtt/discovery-validator.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { DOOR, FRAME, json, order, PERSONS, startChain } from './chain.ts'

const test = suite('Home Assistant')

type Entity = Readonly<Record<string, string | undefined>>

const topicOf = (device: string) => `homeassistant/device/${device}/config`

/** What a broker with nothing but this knowledge shows: entities of a device and their states. */
async function deviceAt(home: MqttRecorder, device: string): Promise<Record<string, Entity>> {
  const payload = await home.until(topicOf(device), (text) => text !== '', 30_000)
  assert.equal(discoveryFaults({ topic: topicOf(device), payload, retain: true }), [])
  return (JSON.parse(payload) as { cmps: Record<string, Entity> }).cmps
}

function stateOf({ state_topic = '', value_template }: Entity = {}, mqtt: MqttRecorder): string | undefined {
  const payload = mqtt.last(state_topic)
  return payload === undefined || value_template === undefined ? payload : renderPayload(value_template, payload)
}

async function press(broker: Broker, topic = '', payload = ''): Promise<void> {
  const client = await connectAsync(broker.url)
  await client.publishAsync(topic, payload, { qos: 1 })
  await client.endAsync()
}

test('finds agent and stream, reads them, and switches the stream off and on', async () => {
  await using broker = await startBroker()
  await using home = await recordMqtt(broker.url, 'homeassistant')
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url)
  const door = await deviceAt(home, 'headcount_rig_door')
  const rig = await deviceAt(home, 'headcount_rig')
  const reads = (entity: Entity | undefined, wanted: (state: string) => boolean, what: string) =>
    eventually(() => wanted(stateOf(entity, mqtt) ?? ''), {
      what,
      withinMs: 40_000,
      log: () => `${String(stateOf(entity, mqtt))}\n${agent.log}`,
    })
  await reads(door['count'], (state) => state === PERSONS, 'the count is read')
  await reads(door['occupied'], (state) => state === 'ON', 'somebody is there')
  await reads(door['inferenceMs'], (state) => Number(state) > 0, 'the inference time is read')
  await reads(door['fps'], (state) => Number(state) > 0, 'the rate is read')
  await reads(rig['load'], (state) => state !== '', 'the load is read')
  assert.is(rig['npuUtilisation'], undefined)
  // Every topic that is read is said: nothing is promised that does not come. Events come when something happens.
  for (const [key, entity] of Object.entries({ ...door, ...rig }))
    if (entity['state_topic'] !== undefined && entity['p'] !== 'event') await reads(entity, (state) => state !== '', `${key} is said`)

  const { command_topic, payload_off, payload_on } = door['running'] ?? {}
  await press(broker, command_topic, payload_off)
  await reads(door['running'], (state) => state === 'OFF', 'it is off')
  await reads(door['count'], (state) => state === 'None', 'the count is unknown')
  await press(broker, command_topic, payload_on)
  await reads(door['running'], (state) => state === 'ON', 'it is on')
  await reads(door['count'], (state) => state === PERSONS, 'the count is back')
  await press(broker, door['restart']?.['command_topic'], door['restart']?.['payload_press'])
  await mqtt.until('headcount/rig/command/result', (text) => text.includes('"RESTART"') && text.includes('"ok":true'))
})

test('sees streams come and go, and is told again when it comes', async () => {
  await using broker = await startBroker()
  await using home = await recordMqtt(broker.url, 'homeassistant')
  await using agent = await startChain(broker.url)
  await deviceAt(home, 'headcount_rig_door')
  await order(agent, '/api/streams', json('POST', { id: 'yard', source: 'test', frame: FRAME }))
  await deviceAt(home, 'headcount_rig_yard')
  await order(agent, '/api/streams/door', { method: 'DELETE' })
  await home.until(topicOf('headcount_rig_door'), '', 30_000)
  const before = home.of(topicOf('headcount_rig_yard')).length
  await press(broker, 'homeassistant/status', 'online')
  await eventually(() => home.of(topicOf('headcount_rig_yard')).length > before, { what: 'the yard is told again', withinMs: 30_000 })
  assert.is(home.last(topicOf('headcount_rig_door')), '')
})

test('sees how the NPU does, and when it is gone', async () => {
  await using npu = await SimulatedNpu.make()
  await using broker = await startBroker()
  await using home = await recordMqtt(broker.url, 'homeassistant')
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url, [DOOR], { config: { detector: { backend: 'hailo' } }, env: npu.env })
  const { npuProblem, npuTemperature, npuUtilisation } = await deviceAt(home, 'headcount_rig')
  const reads = (entity: Entity | undefined, wanted: (state: string) => boolean, what: string) =>
    eventually(() => wanted(stateOf(entity, mqtt) ?? ''), { what, withinMs: 50_000, log: () => agent.log })
  await reads(npuUtilisation, (state) => Number(state) > 0, 'it works')
  await reads(npuProblem, (state) => state === 'OFF', 'it is well')
  await reads(npuTemperature, (state) => Number(state) > 20, 'it has a temperature')
  await npu.fault({ fault: 'lost' })
  await reads(npuProblem, (state) => state === 'ON', 'it is gone')
})

test('is told nothing when it is not wanted', async () => {
  await using broker = await startBroker()
  await using home = await recordMqtt(broker.url, 'homeassistant')
  await using mqtt = await recordMqtt(broker.url)
  await using _ = await startChain(broker.url, undefined, { config: { mqtt: { url: broker.url, discovery: false } } })
  await mqtt.until('headcount/rig/door/count', PERSONS, 40_000)
  assert.equal(home.heard, [])
})

test.run()
