import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { jpegSize } from '../support/mjpeg-decode.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { Tree } from '../support/tree.ts'
import { command, DOOR, json, order, startChain } from './chain.ts'

const test = suite('changes of streams')
const NO_BROKER = 'mqtt://127.0.0.1:1'

test('the password of a camera does not go where somebody at the broker wants it', async () => {
  let visitors = 0
  const elsewhere = createServer((socket) => {
    visitors++
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const { port } = elsewhere.address() as AddressInfo
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  const camera = { id: 'cam', source: 'rtsp://me@127.0.0.1:1/live', passwordFile: '/etc/hostname' }
  await using agent = await startChain(broker.url, [DOOR, camera])
  await mqtt.until('headcount/rig/status', 'online')
  const answer = await command(broker, mqtt, { type: 'START', stream_id: 'cam', source: `rtsp://me@127.0.0.1:${port}/live` })
  assert.equal([answer.ok, answer.code], [false, 'FORBIDDEN'])
  // One without a password may go anywhere.
  assert.ok((await command(broker, mqtt, { type: 'START', stream_id: 'door', source: `rtsp://127.0.0.1:${port}/live` })).ok)
  await eventually(() => visitors > 0, { what: 'the door looks elsewhere', withinMs: 30_000, log: () => agent.log })
  const kept = await readFile(join(agent.dir, 'state/overrides.yaml'), 'utf8')
  assert.not.match(kept, 'cam:')
  elsewhere.close()
})

test('a stream that is removed and added anew is a new one', async () => {
  await using agent = await startChain(NO_BROKER)
  const width = async () => {
    const response = await agent.get('/api/streams/door/snapshot.jpg')
    const jpeg = Buffer.from(await response.arrayBuffer())
    return response.ok ? jpegSize(jpeg).width : null
  }
  assert.is(await eventually(width, { what: 'a picture', withinMs: 30_000, log: () => agent.log }), 320)
  await order(agent, '/api/streams/door', { method: 'DELETE' })
  await order(agent, '/api/streams', json('POST', { id: 'door', source: 'test' }))
  assert.is(await eventually(width, { what: 'a picture', withinMs: 30_000, log: () => agent.log }), 640)
})

test('keys that are taken back with null have their defaults, also after a restart', async () => {
  await using state = await Tree.make()
  for (const body of [{ frame: null }, {}]) {
    await using agent = await startChain(NO_BROKER, [{ ...DOOR, rotate: 180 }], { stateDir: state.path })
    await order(agent, '/api/streams/door', json('PATCH', { rotate: null, ...body }))
    const picture = async () => {
      const response = await agent.get('/api/streams/door/snapshot.jpg')
      return response.ok ? jpegSize(Buffer.from(await response.arrayBuffer())).width : null
    }
    assert.is(await eventually(picture, { what: 'a picture', withinMs: 30_000, log: () => agent.log }), 640)
    const unknown = await agent.get('/api/streams/door', json('PATCH', { rotat: null }))
    assert.equal([unknown.status, ((await unknown.json()) as { code: string }).code], [422, 'CONFIG_INVALID'])
  }
})

test('what is wrong with a stream is told key by key, and a password that cannot be read', async () => {
  await using agent = await startChain(NO_BROKER)
  const answer = async (path: string, body: object) => {
    const response = await agent.get(path, json('POST', body))
    return { status: response.status, ...((await response.json()) as { code: string; message: string }) }
  }
  const bad = await answer('/api/streams', { source: 'tset', rotate: 45 })
  assert.equal([bad.status, bad.code], [422, 'CONFIG_INVALID'])
  for (const key of ['id is missing', 'source: "tset"', 'rotate: 45']) assert.match(bad.message, key)
  const passwordFile = join(agent.dir, 'password')
  const camera = { source: 'rtsp://me@127.0.0.1:1/live', passwordFile }
  const missing = await answer('/api/streams/test', camera)
  assert.equal([missing.status, missing.code], [422, 'CONFIG_UNREADABLE'])
  await writeFile(passwordFile, 'right\n')
  assert.match((await answer('/api/streams/test', camera)).code, /^SOURCE_/)
})

test.run()
