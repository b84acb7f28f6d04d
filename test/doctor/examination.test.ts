import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findCameras } from '../../agent/config/cameras.ts'
import { examineThisMachine } from '../../agent/doctor/doctor.ts'
import type { Finding } from '../../agent/doctor/finding.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { skip } from '../support/skip.ts'
import { Tree } from '../support/tree.ts'

const CONFIG = 'http: { port: 1 }\nmqtt: { url: "mqtt://127.0.0.1:1" }\nstreams: [{ id: a, source: test }]\n'

const test = suite('doctor: this machine')

test('says something of every part of the machine, and asks only what the configuration leads to', async () => {
  await using tree = await Tree.make({ 'config.yaml': CONFIG, 'wrong.yaml': 'nod: x\n' })
  const { signal } = new AbortController()
  const env = { ...process.env, HEADCOUNT_STATE_DIR: tree.path }
  const told = await examineThisMachine(env, signal, { file: tree.at('config.yaml') })
  const parts = [
    'configuration',
    'service',
    'node',
    'gstreamer',
    'camera',
    'rights',
    'broker',
    'port',
    'tmpfs',
    'disk',
    'history',
    'memory',
    'clock',
  ]
  for (const check of parts)
    assert.ok(
      told.some((finding) => finding.check === check),
      check,
    )
  const of = (check: string) => told.filter((finding: Finding) => finding.check === check).map(({ severity }) => severity)
  assert.equal(of('configuration'), ['ok'])
  assert.equal(of('node'), ['ok', 'ok'])
  assert.equal(of('gstreamer'), ['ok'])
  assert.equal(of('camera'), ['ok'])
  assert.equal(of('broker'), ['failed'])
  const blind = await examineThisMachine(env, signal, { file: tree.at('wrong.yaml') })
  assert.is(blind[0]?.severity, 'failed')
  assert.not(blind.some(({ check }) => ['broker', 'camera', 'port', 'tmpfs'].includes(check)))
})

test('a machine without any camera and without a configured stream is told of the camera, and of nothing else for it', async () => {
  const { libcamera, v4l2 } = await findCameras()
  if (libcamera || v4l2.length > 0) return skip('this machine has a camera')
  await using tree = await Tree.make({ 'config.yaml': 'http: { port: 1 }\nmqtt: { url: "mqtt://127.0.0.1:1" }\n' })
  const env = { ...process.env, HEADCOUNT_STATE_DIR: tree.path }
  const told = await examineThisMachine(env, new AbortController().signal, { file: tree.at('config.yaml') })
  const of = (check: string) => told.filter((finding) => finding.check === check).map(({ severity }) => severity)
  assert.equal(of('camera'), ['failed'])
  assert.equal(of('gstreamer'), ['ok'])
})

test('inside the running agent the NPU and the port are not tried', async () => {
  await using npu = await SimulatedNpu.make()
  await using tree = await Tree.make({
    'config.yaml': 'http: { port: 1 }\nmqtt: { url: "mqtt://127.0.0.1:1" }\nstreams: [{ id: a, source: test }]\n',
  })
  const env = { ...process.env, ...npu.env, HEADCOUNT_STATE_DIR: tree.path }
  const { signal } = new AbortController()
  const told = await examineThisMachine(env, signal, { file: tree.at('config.yaml'), inside: { port: 4_711 } })
  const what = (check: string) => told.find((finding) => finding.check === check)?.what ?? ''
  assert.is(what('port'), 'headcount listens on port 4711.')
  assert.match(what('npu-chip'), 'was not asked who it is, since headcount uses it.')
  assert.match(what('configuration'), tree.at('config.yaml'))
})

test('ends at once when it is told to', async () => {
  const stop = new AbortController()
  const told = examineThisMachine({ ...process.env, HEADCOUNT_STATE_DIR: '/nowhere' }, stop.signal).catch((error: unknown) => error)
  stop.abort()
  assert.is(((await told) as Error).name, 'AbortError')
})

test.run()
