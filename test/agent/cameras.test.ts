import { existsSync } from 'node:fs'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AgentProcess } from '../support/agent-process.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { Tree } from '../support/tree.ts'
import { json, order, startChain } from './chain.ts'

const test = suite('cameras that nobody configured')

interface StreamJson {
  readonly running: boolean
  readonly fault: { readonly code: string; readonly message: string } | null
}

/** No device file is there: a stream says which camera it would have by what it misses. Numbers this high are nobody's. */
const FIRST = '/dev/video97'
const SECOND = '/dev/video98'
const THIRD = '/dev/video99'

function startWithCameras(broker: Broker, folder: string): Promise<AgentProcess> {
  const entry = new URL('../support/camera-folder-agent.js', import.meta.url)
  return startChain(broker.url, [], { entry, env: { SYS_FOLDER: folder } })
}

function webcam(device: string): Record<string, string> {
  const entry = device.replace('/dev/', '')
  return { [`${entry}/name`]: 'HD Webcam\n', [`${entry}/index`]: '0\n' }
}

/** Waits until the stream misses this device. */
function misses(agent: AgentProcess, device: string): Promise<unknown> {
  return eventually(async () => (await agent.json<StreamJson>('/api/streams/camera')).fault?.message.includes(device), {
    what: `the stream asks for ${device}`,
    withinMs: 40_000,
    log: () => agent.log,
  })
}

test('one that comes later is taken without a restart, under any number, and Home Assistant is told of one device once', async () => {
  await using sys = await Tree.make()
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using found = await recordMqtt(broker.url, 'homeassistant')
  await using agent = await startWithCameras(broker, sys.path)
  await mqtt.until('headcount/rig/camera/status', 'offline')
  await sys.add(webcam(FIRST))
  await misses(agent, FIRST)
  await rename(sys.at('video97'), sys.at('video98'))
  await misses(agent, SECOND)
  const overrides = join(agent.dir, 'state/overrides.yaml')
  assert.not(existsSync(overrides))
  assert.equal(new Set(mqtt.of('headcount/rig/camera/running')), new Set(['ON'])) // Nobody has stopped it.

  await order(agent, '/api/streams/camera/stop')
  await rename(sys.at('video98'), sys.at('video99'))
  await order(agent, '/api/streams/camera', json('PATCH', { detectFps: 5 }))
  const { running } = await agent.json<StreamJson>('/api/streams/camera')
  assert.is(running, false)
  assert.match(await readFile(overrides, 'utf8'), /source: v4l2:\/dev\/video98\n/)
  await order(agent, '/api/streams/camera/start')
  await misses(agent, SECOND)
  assert.not.match(agent.log, THIRD)

  assert.equal(new Set(mqtt.of('headcount/rig/camera/count')), new Set(['unknown']))
  assert.equal(new Set(mqtt.of('headcount/rig/camera/status')), new Set(['offline']))
  const told = found.heard.filter(({ topic, payload }) => topic.includes('camera') && payload !== '')
  assert.is(told.length, 1, told.map(({ payload }) => payload).join('\n'))
  assert.ok(found.heard.every(({ payload }) => payload !== ''))
})

test('one that was stopped while it had no camera takes the new one when it is started', async () => {
  await using sys = await Tree.make()
  await using broker = await startBroker()
  await using agent = await startWithCameras(broker, sys.path)
  await order(agent, '/api/streams/camera/stop')
  await sys.add(webcam(FIRST))
  await order(agent, '/api/streams/camera/start')
  await misses(agent, FIRST)
})

test.run()
