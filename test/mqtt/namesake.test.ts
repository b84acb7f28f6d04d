import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configSchema } from '../../agent/config/schema.ts'
import { openLog } from '../../agent/log.ts'
import { failuresAfter } from '../../agent/mqtt/connection.ts'
import { MqttSession } from '../../agent/mqtt/session.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { openSession } from './session-for-test.ts'

const test = suite('two headcounts with one name')

const STATUS = 'headcount/door/status'

/** A session that waits as long as a real one before it comes back. */
function patientSession(url: string, version: number): { session: MqttSession; lines: string[] } {
  const lines: string[] = []
  const log = openLog({ level: 'info', write: (line) => lines.push(line), journal: false })
  return { session: MqttSession.open({ mqtt: configSchema.parse({ mqtt: { url, version } }).mqtt, node: 'door', log }), lines }
}

/** Another headcount of that name on another machine: the broker takes both. */
async function namesake(url: string): Promise<MqttClient> {
  const will = { topic: STATUS, payload: Buffer.from('offline'), retain: true, qos: 1 as const }
  const client = await connectAsync(url, { clientId: 'headcount-door-ffffffff', reconnectPeriod: 0, will })
  await client.publishAsync(STATUS, 'online', { qos: 1, retain: true })
  return client
}

for (const version of [5, 4]) {
  test(`on one machine throw each other out ever more slowly, and both say why (version ${version})`, async () => {
    await using broker = await startBroker()
    const agents = [patientSession(broker.url, version), patientSession(broker.url, version)]
    await using _first = agents[0]?.session ?? broker
    await using _second = agents[1]?.session ?? broker
    const logged = (text: string) => agents.map(({ lines }) => lines.filter((line) => line.includes(text)).length)
    await eventually(() => logged('node name').every((times) => times > 0), { what: 'both say what may be wrong', withinMs: 30_000 })
    const before = logged('Connected').reduce((sum, times) => sum + times, 0)
    const startedMs = performance.now()
    await sleep(6_000)
    const tookS = (performance.now() - startedMs) / 1_000
    const times = logged('Connected').reduce((sum, each) => sum + each, 0) - before
    // Without a pause there would be hundreds.
    assert.ok(times <= 2 * tookS, `${times} connections in ${tookS} s`)
  })
}

test('who was thrown out does not begin with short pauses again, however long it was in', () => {
  const heldMs = 3_600_000
  assert.is(failuresAfter(5, { heldMs, takenOver: true }), 6)
  assert.is(failuresAfter(5, { heldMs, takenOver: false }), 1)
  assert.is(failuresAfter(5, { heldMs: 10, takenOver: false }), 6)
})

test('on two machines: the one that stays says that there was another, and is online again', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  const { session, lines } = openSession({ url: broker.url })
  await using _ = session
  await mqtt.until(STATUS, 'online')
  const other = await namesake(broker.url)
  const warnings = () => lines.filter((line) => line.includes('Another headcount'))
  await eventually(() => warnings().length === 1, { what: 'the other is noticed when it comes' })
  assert.match(warnings()[0] ?? '', 'node name "door"')
  // Killed: the broker says its last will, which is in our name, too.
  other.stream.destroy()
  await eventually(() => mqtt.of(STATUS).includes('offline'), { what: 'the other is said to be offline' })
  await mqtt.until(STATUS, 'online')
  assert.is(warnings().length, 1, 'it is not said again and again')
  await using late = await recordMqtt(broker.url)
  await late.until(STATUS, 'online')
})

test('on two machines, before MQTT 5: noticed when one of them goes', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  const { session, lines } = openSession({ url: broker.url, version: 4 })
  await using _ = session
  await mqtt.until(STATUS, 'online')
  const other = await namesake(broker.url)
  assert.not.ok(lines.some((line) => line.includes('Another headcount')))
  other.stream.destroy()
  await eventually(() => lines.some((line) => line.includes('Another headcount')), { what: 'the other is noticed' })
  await mqtt.until(STATUS, 'online')
})

for (const version of [5, 4]) {
  test(`a headcount that is alone takes nobody for another: not itself, nor what lies retained (version ${version})`, async () => {
    await using broker = await startBroker()
    await using mqtt = await recordMqtt(broker.url)
    const all: string[] = []
    for (let run = 0; run < 2; run++) {
      const { session, lines } = openSession({ url: broker.url, version })
      await using _ = session
      await mqtt.until(STATUS, 'online')
      session.retainAt(STATUS, 'online', { repeat: true })
      session.retain('done', String(run))
      await mqtt.until('headcount/door/done', String(run))
      await session[Symbol.asyncDispose]()
      await mqtt.until(STATUS, 'offline')
      all.push(...lines)
    }
    assert.equal(
      all.filter((line) => line.startsWith('WARN')),
      [],
    )
    assert.is(mqtt.last(STATUS), 'offline')
  })
}

test.run()
