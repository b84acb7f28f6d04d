import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configSchema } from '../../agent/config/schema.ts'
import { checkBroker } from '../../agent/doctor/broker-check.ts'
import { askBroker, type BrokerProbe } from '../../agent/doctor/broker-probe.ts'
import type { Finding } from '../../agent/doctor/finding.ts'
import { checkHomeAssistant } from '../../agent/doctor/home-assistant-check.ts'
import { startBroker } from '../support/broker.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { Tree } from '../support/tree.ts'

interface Asked {
  readonly probe: BrokerProbe
  readonly broker: readonly Finding[]
  readonly homeAssistant: Finding | null
}

async function asked(settings: Record<string, unknown>, limitMs?: number): Promise<Asked> {
  const { mqtt } = configSchema.parse({ mqtt: settings })
  const { signal } = new AbortController()
  const probe = await askBroker({ mqtt, node: 'n', password: undefined, signal, ...(limitMs === undefined ? {} : { limitMs }) })
  return { probe, broker: checkBroker(mqtt, probe), homeAssistant: checkHomeAssistant(mqtt.discovery, probe.homeAssistant) }
}

const test = suite('doctor: broker')

test('nobody there, an unknown name, and one who never answers are told apart', async () => {
  const nobody = await asked({ url: 'mqtt://127.0.0.1:1' })
  assert.is(nobody.broker[0]?.severity, 'failed')
  assert.match(nobody.broker[0]?.what ?? '', 'nothing listens there')
  assert.is(nobody.homeAssistant, null)
  assert.match((await asked({ url: 'mqtt://no-such-host.invalid' })).broker[0]?.what ?? '', 'does not answer')
  const mute = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  try {
    const { broker } = await asked({ url: `mqtt://127.0.0.1:${(mute.address() as AddressInfo).port}` }, 300)
    assert.is(broker[0]?.severity, 'failed')
    assert.match(broker[0]?.what ?? '', 'does not answer')
  } finally {
    mute.close()
  }
})

test('a wrong password fails with the remedy, the right one is let in', async () => {
  await using broker = await startBroker({ users: { hc: 'geheim' } })
  await using tree = await Tree.make({ right: 'geheim\n', wrong: 'falsch\n' })
  const settings = { url: broker.url, username: 'hc' }
  const wrong = await asked({ ...settings, passwordFile: tree.at('wrong') })
  assert.is(wrong.broker[0]?.severity, 'failed')
  assert.match(wrong.broker[0]?.remedy ?? '', 'mqtt.passwordFile')
  assert.not.match(JSON.stringify(wrong), 'falsch')
  const missing = await asked({ ...settings, passwordFile: tree.at('missing') })
  assert.match(missing.broker[0]?.what ?? '', 'Cannot read the password file')
  const right = await asked({ ...settings, passwordFile: tree.at('right') })
  assert.match(right.broker[0]?.what ?? '', 'lets us in as hc')
  assert.is(right.broker[0]?.severity, 'ok')
})

test('TLS towards a broker that speaks none is told as that', async () => {
  await using broker = await startBroker()
  const { broker: findings } = await asked({ url: broker.url.replace('mqtt://', 'mqtts://') })
  assert.is(findings[0]?.severity, 'failed')
  assert.ok(findings[0]?.remedy)
})

test('a certificate that nobody looks at is a warning', () => {
  const findings = checkBroker({ url: 'mqtts://h', rejectUnauthorized: false }, { fault: null, homeAssistant: null })
  assert.equal(
    findings.map(({ severity }) => severity),
    ['ok', 'warning'],
  )
})

test('leaves nothing behind, and says nothing that is kept', async () => {
  await using broker = await startBroker()
  await using recorder = await recordMqtt(broker.url, '+')
  await asked({ url: broker.url })
  const last = await connectAsync(broker.url)
  await last.publishAsync('the/end', 'x', { qos: 1 })
  await last.endAsync()
  await recorder.until('the/end', 'x')
  assert.equal(
    recorder.heard.map(({ topic, payload, retain }) => [topic, payload, retain]),
    [
      ['homeassistant/sensor/headcount_doctor/config', '', false],
      ['the/end', 'x', false],
    ],
  )
  await using later = await recordMqtt(broker.url, '+')
  assert.equal(later.heard, [])
})

test('Home Assistant: its word where it is kept, else whether anybody listens for devices', async () => {
  await using broker = await startBroker()
  const { url } = broker
  // As a headcount that runs does: it is no Home Assistant.
  const agent = await connectAsync(url)
  await agent.subscribeAsync(['homeassistant/device/+/config', 'homeassistant/status'])
  const nobody = await asked({ url })
  await agent.endAsync(true)
  assert.equal(nobody.probe.homeAssistant, { status: null, discovered: false })
  assert.is(nobody.homeAssistant?.severity, 'note')
  assert.match(nobody.homeAssistant?.what ?? '', 'Home Assistant is not there')
  assert.equal((await asked({ url, version: 4 })).probe.homeAssistant, { status: null, discovered: null })

  const homeAssistant = await connectAsync(url)
  try {
    await homeAssistant.subscribeAsync('homeassistant/+/+/config')
    const silent = await asked({ url })
    assert.equal(silent.probe.homeAssistant, { status: null, discovered: true })
    assert.is(silent.homeAssistant?.severity, 'ok')
    await homeAssistant.publishAsync('homeassistant/status', 'online', { retain: true })
    assert.match((await asked({ url, version: 4 })).homeAssistant?.what ?? '', 'has said that it is online')
    await homeAssistant.publishAsync('homeassistant/status', 'offline', { retain: true })
    assert.is((await asked({ url })).homeAssistant?.severity, 'warning')
  } finally {
    await homeAssistant.endAsync(true)
  }
  assert.is((await asked({ url, discovery: false })).homeAssistant, null)
})

test('what an access list keeps from us is not known, and no fault of the login', async () => {
  await using broker = await startBroker({ acl: 'topic readwrite headcount/#' })
  const { broker: findings, homeAssistant } = await asked({ url: broker.url })
  assert.is(findings[0]?.severity, 'ok')
  assert.ok(homeAssistant === null || homeAssistant.severity === 'note', JSON.stringify(homeAssistant))
})

test.run()
