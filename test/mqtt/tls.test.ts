import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { freePort } from '../../agent/demo/free-port.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { skip } from '../support/skip.ts'
import { type Authority, openAuthority } from './certificates.ts'
import { openSession } from './session-for-test.ts'

const test = suite('mqtt tls')
const NO_OPENSSL = 'openssl is not installed'

interface Secured {
  readonly broker: Broker
  readonly url: string
}

/** A broker that shows a certificate on a port of its own; `extra` goes to that listener. */
async function secured(authority: Authority, { name = 'broker', san = 'IP:127.0.0.1', extra = '' } = {}): Promise<Secured> {
  const { ca } = authority
  const { cert, key } = await authority.sign(name, san)
  const port = await freePort()
  const broker = await startBroker({ extra: `listener ${port} 127.0.0.1\ncafile ${ca}\ncertfile ${cert}\nkeyfile ${key}\n${extra}` })
  return { broker, url: `mqtts://127.0.0.1:${port}` }
}

/** The fault of a session that cannot come in. */
async function refusal(
  mqtt: Record<string, unknown>,
): Promise<{ code: string; message: string; remedy: string; lines: readonly string[] }> {
  const { session, lines } = openSession(mqtt)
  await using _ = session
  const fault = await eventually(() => session.fault, { what: 'the fault is known' })
  assert.not.ok(session.online)
  return { ...fault, lines }
}

for (const version of [5, 4]) {
  test(`comes in with the authority and a certificate of its own, and tells and hears (version ${version})`, async () => {
    await using authority = await openAuthority()
    if (!authority) return skip(NO_OPENSSL)
    const { broker, url } = await secured(authority, { extra: 'require_certificate true\nuse_identity_as_username true' })
    await using _broker = broker
    const { cert, key } = await authority.sign('door')
    const { session } = openSession({ url, ca: authority.ca, cert, key, version })
    await using _ = session
    session.retain('cam/count', '3')
    await using mqtt = await recordMqtt(broker.url)
    await mqtt.until('headcount/door/status', 'online')
    assert.is(mqtt.last('headcount/door/cam/count'), '3')
    assert.is(await session.send('cam/event', '{}'), true)
    assert.is(session.fault, null)
  })
}

test('says that the broker wants a certificate, and that the certificate of another authority will not do', async () => {
  await using authority = await openAuthority()
  await using other = await openAuthority()
  if (!authority || !other) return skip(NO_OPENSSL)
  const { broker, url } = await secured(authority, { extra: 'require_certificate true' })
  await using _ = broker
  for (const certificate of [{}, await other.sign('door')]) {
    const { code, message, remedy } = await refusal({ url, ca: authority.ca, ...certificate })
    assert.is(code, 'BROKER_REFUSED', message)
    assert.match(remedy, 'mqtt.cert')
    assert.match(message, /: tlsv1\S* alert [a-z ]+\.$/)
  }
})

test('does not believe a broker whose authority it does not know, and says what to do', async () => {
  await using authority = await openAuthority()
  await using other = await openAuthority()
  if (!authority || !other) return skip(NO_OPENSSL)
  const { broker, url } = await secured(authority)
  await using _ = broker
  for (const ca of [{}, { ca: other.ca }]) {
    const { code, remedy, lines } = await refusal({ url, ...ca })
    assert.is(code, 'BROKER_REFUSED')
    assert.match(remedy, 'mqtt.ca')
    assert.is(lines.filter((line) => line.includes('BROKER_REFUSED')).length, 1)
  }
  const { session } = openSession({ url, rejectUnauthorized: false })
  await using _session = session
  await eventually(() => session.online, { what: 'who does not want to know comes in' })
})

test('does not believe a certificate that is for another host', async () => {
  await using authority = await openAuthority()
  if (!authority) return skip(NO_OPENSSL)
  const { broker, url } = await secured(authority, { san: 'DNS:broker.example' })
  await using _ = broker
  const { code, remedy } = await refusal({ url, ca: authority.ca })
  assert.is(code, 'BROKER_REFUSED')
  assert.match(remedy, 'host name')
})

test('names a certificate file that is not there, and one that is none', async () => {
  await using authority = await openAuthority()
  if (!authority) return skip(NO_OPENSSL)
  const missing = await refusal({ url: 'mqtts://127.0.0.1:1', ca: '/nowhere.pem' })
  assert.is(missing.code, 'CONFIG_UNREADABLE')
  assert.match(missing.message, '/nowhere.pem')
  const { cert } = await authority.sign('door')
  const { code, message } = await refusal({ url: 'mqtts://127.0.0.1:1', cert, key: import.meta.filename })
  assert.is(code, 'BROKER_REFUSED', message)
})

test('says of a broker without TLS that it gives no secure connection', async () => {
  await using broker = await startBroker()
  const { message, code } = await refusal({ url: broker.url.replace('mqtt:', 'mqtts:') })
  assert.ok(code === 'BROKER_REFUSED' || code === 'BROKER_UNREACHABLE', message)
})

test.run()
