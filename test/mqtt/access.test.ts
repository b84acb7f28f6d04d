import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBroker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { skip } from '../support/skip.ts'
import { openSession } from './session-for-test.ts'

const test = suite('mqtt access')

/** A person who may read everything watches. */
const WATCHER = 'user watcher\ntopic read #'
const USERS = { door: 'right', watcher: 'w' }

test('one topic that is refused is named, the others are told, and the fault goes with its reason', async () => {
  const rights = (more: string) => `${WATCHER}\nuser door\ntopic readwrite headcount/door/+\n${more}`
  await using broker = await startBroker({ users: USERS, acl: rights('') })
  await using mqtt = await recordMqtt(broker.url.replace('//', '//watcher:w@'))
  const { session, lines } = openSession({ url: broker.url, username: 'door' }, 'right')
  await using _ = session
  session.retain('cam/count', '1')
  session.retain('stats', 'x')
  await mqtt.until('headcount/door/stats', 'x')
  await mqtt.until('headcount/door/status', 'online')
  const fault = await eventually(() => session.fault, { what: 'the fault is known' })
  assert.is(fault.code, 'BROKER_REFUSED')
  assert.match(fault.message, 'headcount/door/cam/count')
  assert.ok(session.online)
  session.retain('cam/count', '2')
  session.retain('cam/count', '2', { repeat: true })
  session.retain('status2', 'y')
  await mqtt.until('headcount/door/status2', 'y')
  assert.is(lines.filter((line) => line.includes('BROKER_REFUSED')).length, 1)
  assert.is(await session.deliver('cam/event', '{}'), 'refused')

  await broker.rewriteAcl(rights('topic readwrite headcount/door/cam/+'))
  // As the heartbeat does.
  await eventually(
    () => {
      session.retain('cam/count', '3', { repeat: true })
      return mqtt.last('headcount/door/cam/count') === '3'
    },
    { what: 'it is told' },
  )
  assert.is(await session.deliver('cam/event', '{}'), 'acknowledged')
  await eventually(() => session.fault === null, { what: 'there is no fault any more' })
})

test('before MQTT 5 a broker drops what it does not allow without a word, and nothing hangs on it', async () => {
  await using broker = await startBroker({ users: USERS, acl: `${WATCHER}\nuser door\ntopic readwrite headcount/door/+` })
  await using mqtt = await recordMqtt(broker.url.replace('//', '//watcher:w@'))
  const { session } = openSession({ url: broker.url, username: 'door', version: 4 }, 'right')
  await using _ = session
  session.retain('cam/count', '1')
  await mqtt.until('headcount/door/status', 'online')
  assert.is(await session.deliver('cam/event', '{}'), 'acknowledged')
  assert.equal(mqtt.of('headcount/door/cam/count'), [])
  assert.is(session.fault, null)
})

/** mosquitto's plugin for rights: its access list file refuses no subscription. */
function dynamicSecurity(): string | undefined {
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => join('/usr/lib', name))]
  return folders.map((folder) => join(folder, 'mosquitto_dynamic_security.so')).find((path) => existsSync(path))
}

for (const version of [5, 4]) {
  test(`says which topic it may not hear, once, and tells all the same (version ${version})`, async () => {
    const plugin = dynamicSecurity()
    if (plugin === undefined) return skip('mosquitto has no dynamic security plugin here')
    await using broker = await prepareBroker()
    const rights = join(broker.dir, 'rights.json')
    const may = { publishClientSend: true, publishClientReceive: true, subscribe: false, unsubscribe: true }
    const access = Object.entries(may).map(([acltype, allow]) => ({ acltype, allow }))
    await writeFile(rights, JSON.stringify({ defaultACLAccess: may, defaultACLs: access, clients: [], groups: [], roles: [] }))
    await broker.configure(`plugin ${plugin}\nplugin_opt_config_file ${rights}`)
    await broker.start()
    const { session, lines } = openSession({ url: broker.url, version })
    await using _ = session
    session.listen(session.topic('command'), () => undefined)
    const fault = await eventually(() => session.fault, { what: 'the fault is known' })
    assert.is(fault.code, 'BROKER_REFUSED')
    assert.match(fault.message, /subscribe to headcount\/door\/(command|status)/)
    assert.match(fault.remedy, 'to read')
    assert.is(await session.send('cam/event', '{}'), true)
    assert.ok(session.online)
    assert.is(lines.filter((line) => line.includes('BROKER_REFUSED')).length, 1)
  })
}

test.run()
