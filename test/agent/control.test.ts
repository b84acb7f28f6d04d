import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findCameras } from '../../agent/config/cameras.ts'
import { play } from '../ringsink/play.ts'
import type { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { jpegSize } from '../support/mjpeg-decode.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { skip } from '../support/skip.ts'
import { childrenOf, command, DOOR, FRAME, json, order, PERSONS, startChain } from './chain.ts'

const test = suite('control')

const NO_BROKER = 'mqtt://127.0.0.1:1'
const COUNT = 'headcount/rig/door/count'
const STATUS = 'headcount/rig/door/status'

interface StreamJson {
  readonly id: string
  readonly running: boolean
  readonly status: string
  readonly personCount: number | null
  readonly fault: { readonly code: string } | null
  readonly state: { readonly count: number | null; readonly quality: string; readonly reason: string | null }
}

/** Waits until the pictures of a stream have this width. */
function picturesAre(agent: AgentProcess, width: number): Promise<boolean> {
  return eventually(
    async () => {
      const response = await agent.get('/api/streams/door/snapshot.jpg')
      const jpeg = Buffer.from(await response.arrayBuffer())
      return response.ok && jpegSize(jpeg).width === width
    },
    { what: `pictures of ${width} pixels`, withinMs: 40_000, log: () => agent.log },
  )
}

function counts(agent: AgentProcess, stream = 'door'): Promise<StreamJson> {
  return eventually(
    async () => {
      const now = await agent.json<StreamJson>(`/api/streams/${stream}`)
      return now.personCount === Number(PERSONS) && now.status === 'online' ? now : null
    },
    { what: `${stream} counts`, withinMs: 40_000, log: () => agent.log },
  )
}

/** The most captures of the door that are alive at once. */
function watchCaptures(agent: AgentProcess): { readonly most: number } & Disposable {
  const watch = { most: 0 }
  const timer = setInterval(() => {
    watch.most = Math.max(watch.most, childrenOf(agent, 'capture', 'door').length)
  }, 5)
  return Object.assign(watch, { [Symbol.dispose]: () => clearInterval(timer) })
}

async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-control-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

test('a stream added over HTTP is counted; changed, it comes back with its new size, and there are never two captures', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url, [{ ...DOOR, id: 'yard' }])
  using captures = watchCaptures(agent)
  assert.is((await agent.get('/api/streams', json('POST', DOOR))).status, 201)
  await mqtt.until(COUNT, PERSONS)
  await picturesAre(agent, 320)
  await order(agent, '/api/streams/door', json('PATCH', { frame: { width: 160, height: 120 } }))
  await picturesAre(agent, 160)
  await mqtt.until(COUNT, PERSONS)
  assert.equal(new Set(mqtt.of(COUNT)), new Set(['unknown', PERSONS]))
  assert.is(captures.most, 1)
  assert.is((await agent.get('/api/streams', json('POST', DOOR))).status, 409)
})

test('stops, starts and restarts over HTTP', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url)
  await mqtt.until(COUNT, PERSONS)
  await order(agent, '/api/streams/door/stop')
  assert.equal(childrenOf(agent, 'capture'), [])
  await mqtt.until(STATUS, 'offline')
  await mqtt.until(COUNT, 'unknown')
  await mqtt.until('headcount/rig/door/running', 'OFF')
  const stopped = await agent.json<StreamJson>('/api/streams/door')
  assert.equal([stopped.running, stopped.status, stopped.personCount, stopped.state.count], [false, 'offline', null, null])
  await order(agent, '/api/streams/door/start')
  await mqtt.until('headcount/rig/door/running', 'ON')
  await mqtt.until(COUNT, PERSONS)
  const before = childrenOf(agent, 'capture')
  await order(agent, '/api/camera/restart')
  await counts(agent)
  const after = childrenOf(agent, 'capture')
  assert.is(after.length, 1)
  assert.not.equal(after, before)
})

test('obeys MQTT, answers each command, and comes back after SHUTDOWN', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url)
  await mqtt.until(COUNT, PERSONS)
  assert.is((await command(broker, mqtt, { type: 'STOP', stream_id: 'door' })).ok, true)
  await mqtt.until(COUNT, 'unknown')
  assert.equal(childrenOf(agent, 'capture'), [])
  assert.is((await command(broker, mqtt, { type: 'START', stream_id: 'door' })).ok, true)
  await mqtt.until(COUNT, PERSONS)
  const before = childrenOf(agent, 'capture')
  assert.is((await command(broker, mqtt, { type: 'RESTART', stream_id: 'door' })).ok, true)
  await counts(agent)
  assert.not.equal(childrenOf(agent, 'capture'), before)
  const unknown = await command(broker, mqtt, { type: 'STOP', stream_id: 'cellar' })
  assert.equal([unknown.ok, unknown.code], [false, 'NOT_FOUND'])

  assert.is((await command(broker, mqtt, { type: 'SHUTDOWN' })).ok, true)
  assert.equal([...childrenOf(agent, 'capture'), ...childrenOf(agent, 'engine')], [])
  await mqtt.until(COUNT, 'unknown')
  await mqtt.until(STATUS, 'offline')
  assert.is(mqtt.last('headcount/rig/status'), 'online')
  assert.is((await command(broker, mqtt, { type: 'START', stream_id: 'door' })).ok, true)
  await mqtt.until(COUNT, PERSONS)
  assert.equal([childrenOf(agent, 'capture').length, childrenOf(agent, 'engine').length], [1, 1])
})

test('orders that come all at once end in one stream with one capture', async () => {
  await using agent = await startChain(NO_BROKER)
  await counts(agent)
  using captures = watchCaptures(agent)
  for (const width of [160, 320]) {
    const change = json('PATCH', { frame: { width, height: (width * 3) / 4 } })
    await Promise.all([
      order(agent, '/api/streams/door/stop'),
      order(agent, '/api/streams/door/start'),
      order(agent, '/api/streams/door', change),
      order(agent, '/api/streams/door/start'),
      order(agent, '/api/streams/door/restart'),
    ])
    await order(agent, '/api/streams/door/start')
    await counts(agent)
    await picturesAre(agent, width)
  }
  assert.is(captures.most, 1)
  assert.is(childrenOf(agent, 'capture').length, 1)
})

test('a removed stream leaves nothing on the broker, and changes outlive the agent', async () => {
  await using broker = await startBroker()
  await using state = await folder()
  const streams = [DOOR, { ...DOOR, id: 'gate' }]
  {
    await using mqtt = await recordMqtt(broker.url)
    await using agent = await startChain(broker.url, streams, { stateDir: state.path })
    await mqtt.until('headcount/rig/gate/count', PERSONS)
    await order(agent, '/api/streams/gate', { method: 'DELETE' })
    await eventually(() => mqtt.last('headcount/rig/gate/state') === '', { what: 'the topics of the gate are cleared' })
    assert.is((await agent.get('/api/streams/gate')).status, 404)
    await order(agent, '/api/streams', json('POST', { ...DOOR, id: 'yard' }))
    await order(agent, '/api/streams/door', json('PATCH', { frame: { width: 160, height: 120 } }))
    await using late = await recordMqtt(broker.url)
    await late.until(COUNT, PERSONS)
    await late.caughtUp()
    assert.equal(
      late.heard.filter(({ topic }) => topic.includes('/gate/')),
      [],
      'nothing is retained',
    )
  }
  await using next = await startChain(broker.url, streams, { stateDir: state.path })
  const there = await next.json<StreamJson[]>('/api/streams')
  assert.equal(
    there.map(({ id }) => id),
    ['door', 'yard'],
  )
  await picturesAre(next, 160)
  await counts(next, 'yard')
})

test('a source can be tried out: what it gives, or why not', async () => {
  await using agent = await startChain(NO_BROKER)
  const found = await agent.json<{ width: number; height: number; fps: number }>('/api/streams/test', json('POST', { source: 'test' }))
  assert.ok(found.width > 0 && found.height > 0 && found.fps > 0, JSON.stringify(found))
  const missing = await agent.get('/api/streams/test', json('POST', { source: 'file:/nowhere/clip.mp4' }))
  const fault = (await missing.json()) as { code: string; message: string; remedy: string }
  assert.equal([missing.status, fault.code], [422, 'SOURCE_MISSING'])
  assert.match(fault.message, '/nowhere/clip.mp4')
  assert.ok(fault.remedy.length > 10)
  assert.is((await agent.json<StreamJson[]>('/api/streams')).length, 1, 'it did not become a stream')
})

test('says when it is warm, and what its processes are', async () => {
  await using agent = await startChain(NO_BROKER)
  assert.is((await agent.json<{ ready: boolean }>('/warmup')).ready, true)
  await counts(agent)
  const { processes, ringBytes } = await agent.json<{
    processes: { title: string; pid: number; restarts: number; memoryBytes: number; uptimeS: number }[]
    ringBytes: number
  }>('/api/camera/process-info')
  const pids = [agent.pid, ...childrenOf(agent, 'engine'), ...childrenOf(agent, 'capture')]
  assert.equal(
    processes.map(({ title, pid, restarts }) => [title.split(' ').slice(0, 2).join(' '), pid, restarts]),
    ['agent', 'engine', 'capture'].map((kind, index) => [`headcount: ${kind}`, pids[index], 0]),
  )
  for (const { title, memoryBytes, uptimeS } of processes) assert.ok(memoryBytes > 1e6 && uptimeS > 0, `${title} ${memoryBytes} ${uptimeS}`)
  assert.ok(ringBytes >= 4 * FRAME.width * FRAME.height * 1.5, `${ringBytes} bytes of rings`)
})

test('a file is over at its end, says so, and is played again on START', async () => {
  await using clips = await folder()
  const clip = join(clips.path, 'clip.avi')
  const picture = 'videotestsrc num-buffers=60 ! video/x-raw,format=I420,width=320,height=240,framerate=20/1'
  const { error } = await play(`${picture} ! jpegenc ! avimux ! filesink name=sink location="${clip}"`)
  assert.not(error)
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url, [{ ...DOOR, source: `file:${clip}` }])
  for (const turn of [1, 2]) {
    if (turn === 2) await order(agent, '/api/streams/door/start')
    await mqtt.until(COUNT, PERSONS)
    await mqtt.until('headcount/rig/door/running', 'OFF')
    await mqtt.until(STATUS, 'offline')
    await mqtt.until(COUNT, 'unknown')
    const { running, fault, state } = await agent.json<StreamJson>('/api/streams/door')
    assert.equal([running, fault?.code, state.reason], [false, 'SOURCE_ENDED', 'end of file'])
    assert.equal(childrenOf(agent, 'capture'), [])
  }
})

test('a count that is not known is null, never 0, in every answer', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url, [{ ...DOOR, source: 'file:/nowhere/clip.mp4' }])
  await mqtt.until(COUNT, 'unknown')
  await mqtt.until('headcount/rig/door/occupied', 'None')
  const state = await agent.json<Record<string, unknown>>('/api/streams/door/state')
  assert.equal([state['count'], state['occupied'], state['quality']], [null, null, 'unknown'])
  assert.is((await agent.json<StreamJson>('/api/streams/door')).personCount, null)
  assert.is((await agent.json<Record<string, unknown>>('/api/camera/status'))['person_count'], null)
  assert.equal(new Set(mqtt.of(COUNT)), new Set(['unknown']))
})

test('without any stream and any camera there is one, offline and unknown', async () => {
  const { libcamera, v4l2 } = await findCameras()
  if (libcamera || v4l2.length > 0) {
    skip('this machine has a camera')
    return
  }
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url, [])
  await mqtt.until('headcount/rig/camera/status', 'offline')
  await mqtt.until('headcount/rig/camera/count', 'unknown')
  const [camera, ...others] = await agent.json<StreamJson[]>('/api/streams')
  assert.equal([camera?.id, camera?.status, camera?.personCount, others.length], ['camera', 'offline', null, 0])
  assert.equal(new Set(mqtt.of('headcount/rig/camera/count')), new Set(['unknown']))
})

test.run()
