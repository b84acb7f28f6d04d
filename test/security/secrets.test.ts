import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeSystemd } from '../health/fake-systemd.ts'
import { AgentProcess } from '../support/agent-process.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { processTree } from '../support/process-tree.ts'
import { RtspCamera } from '../support/rtsp-camera.ts'
import { environmentOf, PLANTED, plantedIn, shownOf } from './planted.ts'

const test = suite('secrets')

const frame = { width: 320, height: 240, fps: 15 }
const USER = 'porter'
const PAGES = [
  '/',
  '/page.js',
  '/health',
  '/metrics',
  '/openapi.json',
  '/api/streams',
  '/api/streams/refused/state',
  '/api/camera/status',
  '/api/camera/process-info',
  '/api/areas',
  '/api/log',
  '/api/doctor',
  `/api/nowhere?token=${PLANTED.token[0]}`,
]

/** Cameras with passwords, one that lets us in and two that do not, and whatever else the test needs. */
class Rig implements AsyncDisposable {
  readonly broker: Broker
  readonly mqtt: MqttRecorder
  readonly agent: AgentProcess
  readonly #rest: readonly (() => unknown)[]

  private constructor(broker: Broker, mqtt: MqttRecorder, agent: AgentProcess, rest: readonly (() => unknown)[]) {
    this.broker = broker
    this.mqtt = mqtt
    this.agent = agent
    this.#rest = rest
  }

  static async start(env: NodeJS.ProcessEnv = {}): Promise<Rig> {
    const dir = await mkdtemp(join(tmpdir(), 'headcount-planted-'))
    const [password] = PLANTED.mqtt
    const broker = await startBroker({ users: { [USER]: password } })
    const login = broker.url.replace('//', `//${USER}:${password}@`)
    const mqtt = await recordMqtt(login)
    const open = await RtspCamera.open({ ...frame, user: 'eye', password: PLANTED.right[0] })
    const shut = await RtspCamera.open({ ...frame, user: 'eye', password: 'another' })
    const stateDir = join(dir, 'state')
    await mkdir(stateDir)
    await writeFile(join(stateDir, 'token'), `${PLANTED.token[0]}\n`, { mode: 0o600 })
    const passwordFile = join(dir, 'camera-password')
    await writeFile(passwordFile, `${PLANTED.file[0]}\n`)
    const agent = await AgentProcess.start({
      config: {
        node: 'planted',
        log: { level: 'debug' },
        detector: { backend: 'null:5' },
        mqtt: { url: broker.url, username: USER },
        streams: [
          { id: 'open', source: open.url(`eye:${PLANTED.right[0]}`), frame },
          { id: 'refused', source: `rtsp://eye:${PLANTED.url[1]}@127.0.0.1:1/live`, frame },
          { id: 'shut', source: shut.url('eye'), passwordFile, frame },
          { id: 'wrong', source: shut.url(`eye:${PLANTED.url[1]}`), frame },
        ],
      },
      env: { HEADCOUNT_MQTT_PASSWORD: password, GST_DEBUG: '3', ...env },
      stateDir,
    })
    const rest = [() => open[Symbol.asyncDispose](), () => shut[Symbol.asyncDispose](), () => rm(dir, { recursive: true })]
    return new Rig(broker, mqtt, agent, rest)
  }

  /** Every stream has come as far as it can. */
  async settles(): Promise<void> {
    await this.mqtt.until('headcount/planted/open/status', 'online', 40_000)
    for (const [stream, code] of [
      ['refused', 'SOURCE_REFUSED'],
      ['shut', 'SOURCE_UNAUTHORIZED'],
      ['wrong', 'SOURCE_UNAUTHORIZED'],
    ]) {
      await this.mqtt.until(`headcount/planted/${stream}/state`, (text) => text.includes(`[${code}]`), 40_000)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]()
    await this.mqtt[Symbol.asyncDispose]()
    await this.broker[Symbol.asyncDispose]()
    for (const close of this.#rest) await close()
  }
}

test('a planted word is found, in clear and in a header of HTTP Basic', () => {
  assert.equal(plantedIn(`rtsp://eye:${PLANTED.url[1]}@host`), [PLANTED.url[1]])
  const basic = Buffer.from(PLANTED.right[0]).toString('base64')
  assert.is(plantedIn(`Authorization: Basic ${basic}`).length, 1)
  assert.equal(plantedIn('rtsp://eye:***@host'), [])
})

test('no secret is in the log, on MQTT, in an answer or in what the machine shows of a process', async () => {
  await using rig = await Rig.start()
  const { agent, mqtt, broker } = rig
  await rig.settles()

  const answers = await Promise.all(PAGES.map(async (path) => (await agent.get(path)).text()))
  const json = { 'content-type': 'application/json' }
  const bodies = [
    { id: 'new', source: `rtsp://eye:${PLANTED.http[0]}@:99999/live` },
    { id: 'new', source: `rtsp://eye:${PLANTED.http[0]}@127.0.0.1/live`, colour: 'red' },
    { id: 'open', source: `rtsp://eye:${PLANTED.http[0]}@127.0.0.1:1/live` },
    { id: 'new', source: `rtsp://eye:${PLANTED.http[0]}@127.0.0.1:1/live` },
    { token: PLANTED.http[0] },
  ]
  for (const body of bodies) {
    for (const path of ['/api/streams', '/api/streams/test', '/login']) {
      const response = await agent.get(path, { method: 'POST', headers: json, body: JSON.stringify(body) })
      answers.push(`${path}: ${await response.text()}`)
    }
  }
  const broken = await agent.get('/api/streams', { method: 'POST', headers: json, body: `{"source": "rtsp://e:${PLANTED.http[0]}@x" ` })
  answers.push(await broken.text())
  assert.equal(
    answers.filter((answer) => plantedIn(answer).length > 0),
    [],
  )

  // Whoever may write commands may send a password, and hears an answer without it; the command itself is his own.
  const client = await connectAsync(broker.url, { username: USER, password: PLANTED.mqtt[0] })
  for (const host of ['127.0.0.1:1', ':99999', '127.0.0.1:1 x']) {
    const source = `rtsp://eye:${PLANTED.command[0]}@${host}/live`
    await client.publishAsync('headcount/planted/command', JSON.stringify({ type: 'START', stream_id: 'sent', source }), { qos: 1 })
  }
  await client.endAsync()
  await eventually(() => mqtt.of('headcount/planted/command/result').length === 3, { what: 'the commands are answered' })
  await eventually(() => agent.log.includes('stream sent:'), { what: 'the sent stream has failed', withinMs: 60_000 })
  const heard = mqtt.heard.filter(({ topic }) => topic !== 'headcount/planted/command')
  assert.ok(heard.length > 30)
  assert.equal(
    heard.filter(({ payload }) => plantedIn(payload).length > 0),
    [],
  )

  const pids = processTree(agent.pid)
  assert.ok(pids.length >= 3, 'a capture and an engine run')
  assert.equal(
    pids.map(shownOf).filter((shown) => plantedIn(shown).length > 0),
    [],
  )
  assert.equal(
    agent.log.split('\n').filter((line) => plantedIn(line).length > 0),
    [],
  )
})

test('a broker that refuses us is told of without the password', async () => {
  await using broker = await startBroker({ users: { [USER]: 'another' } })
  const [password] = PLANTED.mqtt
  await using agent = await AgentProcess.start({
    config: {
      log: { level: 'debug' },
      detector: { backend: 'null:5' },
      mqtt: { url: broker.url, username: USER },
      streams: [{ id: 'door', source: 'test', frame }],
    },
    env: { HEADCOUNT_MQTT_PASSWORD: password },
  })
  await eventually(() => agent.log.includes('BROKER_REFUSED'), { what: 'the refusal is logged', log: () => agent.log })
  const streams = await (await agent.get('/api/streams')).text()
  assert.equal(plantedIn(agent.log + streams), [])
})

test('processes of ours inherit neither the password of the broker nor the right to speak to systemd', async () => {
  await using systemd = await fakeSystemd()
  await using rig = await Rig.start({ NOTIFY_SOCKET: systemd.socket, WATCHDOG_USEC: '4000000' })
  await rig.settles()
  await eventually(() => systemd.of('READY').length === 1, { what: 'the agent says that it is ready' })
  await eventually(() => systemd.of('WATCHDOG').length > 0, { what: 'the agent says that it lives' })
  assert.ok(systemd.notices.every(({ pid }) => pid === rig.agent.pid))
  assert.equal(
    systemd.of('STATUS').filter((status) => plantedIn(status).length > 0),
    [],
  )

  const children = processTree(rig.agent.pid).filter((pid) => pid !== rig.agent.pid)
  assert.ok(children.length >= 2)
  for (const pid of children) {
    const environment = environmentOf(pid)
    assert.ok(
      environment.some((variable) => variable.startsWith('PATH=')),
      'it is readable',
    )
    const wrong = environment.filter((variable) => /^(NOTIFY_SOCKET|WATCHDOG_|.*PASSWORD)/.test(variable) || plantedIn(variable).length > 0)
    assert.equal(wrong, [])
  }
})

test.run()
