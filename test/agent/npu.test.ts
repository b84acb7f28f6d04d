import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AgentProcess } from '../support/agent-process.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { collectFrames } from '../support/mjpeg-frames.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { SimulatedNpu, type SimulatorControl, STANDING } from '../support/simulated-npu.ts'
import { childrenOf, FRAME, startChain } from './chain.ts'

const PEOPLE = String(STANDING.length)
const DOOR_COUNT = 'headcount/rig/door/count'
const DOOR_STATE = 'headcount/rig/door/state'

/** The whole agent on a simulated NPU whose picture holds three people, always. */
class Rig implements AsyncDisposable {
  readonly npu: SimulatedNpu
  readonly broker: Broker
  readonly mqtt: MqttRecorder
  readonly agent: AgentProcess

  private constructor(npu: SimulatedNpu, broker: Broker, mqtt: MqttRecorder, agent: AgentProcess) {
    this.npu = npu
    this.broker = broker
    this.mqtt = mqtt
    this.agent = agent
  }

  static async start(detector: object = {}, control: SimulatorControl = {}): Promise<Rig> {
    const npu = await SimulatedNpu.make({ detector: { kind: 'script', frames: [STANDING] }, ...control })
    const broker = await startBroker()
    const mqtt = await recordMqtt(broker.url)
    const agent = await startChain(broker.url, [{ id: 'door', source: 'test', frame: FRAME }], {
      config: { detector: { backend: 'auto', ...detector } },
      env: npu.env,
    })
    return new Rig(npu, broker, mqtt, agent)
  }

  /** Every number that was ever said. */
  numbers(): string[] {
    return this.mqtt.of(DOOR_COUNT).filter((count) => count !== 'unknown')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]()
    await this.mqtt[Symbol.asyncDispose]()
    await this.broker[Symbol.asyncDispose]()
    await this.npu[Symbol.asyncDispose]()
  }
}

const test = suite('agent with a simulated NPU')

test('takes the NPU by itself, counts with it, and says that it is simulated', async () => {
  await using rig = await Rig.start()
  await rig.mqtt.until(DOOR_COUNT, PEOPLE, 30_000)
  const state = JSON.parse(
    await rig.mqtt.until(
      DOOR_STATE,
      (text) => text.includes('"quality":"live"') && !/"temperatureC":null|"utilisation":(null|0[,}])/.test(text),
    ),
  ) as Record<string, unknown>
  assert.is(state['backend'], 'hailo')
  assert.is(state['simulated'], true)
  assert.is(state['cpuFallback'], false)
  const npu = state['npu'] as Record<string, number>
  assert.ok((npu['utilisation'] ?? 0) > 0 && (npu['temperatureC'] ?? 0) > 20, JSON.stringify(npu))
  assert.is(npu['timeouts'], 0)
  const { models } = await rig.agent.json<{ models: readonly string[] }>('/health')
  assert.equal(models, ['hailo (yolov8s_h8l.hef)'])
})

test('says unknown while the NPU hangs, never another number; the picture goes on; then it counts again', async () => {
  await using rig = await Rig.start()
  await rig.mqtt.until(DOOR_COUNT, PEOPLE, 30_000)
  await using viewer = collectFrames(Number(new URL(rig.agent.url).port), '/api/streams/door/mjpeg', rig.agent.token)
  await eventually(() => viewer.frames.length > 0, { what: 'a viewer sees the picture' })
  const captures = childrenOf(rig.agent, 'capture')
  const seconds = 6
  const stalledMs = performance.now()
  await rig.npu.fault({ fault: 'stall', seconds })
  await rig.mqtt.until(DOOR_COUNT, 'unknown', 20_000)
  const seen = viewer.frames.length
  await eventually(() => viewer.frames.length > seen + 10, { what: 'the picture goes on' })
  await rig.mqtt.until(DOOR_COUNT, PEOPLE, 60_000)
  assert.ok(performance.now() - stalledMs > seconds * 1_000, 'a chip that hangs counted people')
  assert.ok(
    rig.numbers().every((count) => count === PEOPLE),
    rig.numbers().join(),
  )
  assert.equal(childrenOf(rig.agent, 'capture'), captures)
  assert.is(childrenOf(rig.agent, 'engine').length, 1)
  const { state } = await rig.agent.json<{ state: { npu: { timeouts: number; recoveries: number } } }>('/api/camera/status')
  assert.ok(state.npu.timeouts >= 1 && state.npu.recoveries >= 1, JSON.stringify(state.npu))
})

test('says unknown and why when there is no NPU, and finds one that comes later', async () => {
  await using rig = await Rig.start({ backend: 'hailo' }, { devices: [] })
  const state = await rig.mqtt.until(DOOR_STATE, (text) => text.includes('NPU_MISSING'), 30_000)
  assert.is((JSON.parse(state) as { count: unknown }).count, null)
  assert.equal(rig.numbers(), [])
  await rig.npu.fault({ devices: [{ id: '0000:01:00.0', chip: 'hailo8' }] })
  await rig.mqtt.until(DOOR_COUNT, PEOPLE, 60_000)
})

test('lets the CPU stand in when it may, says so with every state, and gives the work back to the NPU', async () => {
  await using rig = await Rig.start({ fallback: 'cpu' }, { fault: 'lost' })
  // Nobody is in the test picture: what HOG says is not what the script says.
  const state = await rig.mqtt.until(DOOR_STATE, (text) => text.includes('"cpuFallback":true') && text.includes('"quality":"live"'), 60_000)
  const { backend, simulated } = JSON.parse(state) as { backend: string; simulated: boolean }
  assert.is(backend, 'hog')
  assert.is(simulated, false)
  const { models } = await rig.agent.json<{ models: readonly string[] }>('/health')
  assert.equal(models, ['hog'])
  await rig.npu.fault({ fault: undefined })
  await rig.mqtt.until(DOOR_STATE, (text) => text.includes('"backend":"hailo"') && text.includes('"quality":"live"'), 60_000)
  await rig.mqtt.until(DOOR_COUNT, PEOPLE)
  await eventually(() => childrenOf(rig.agent, 'engine').length === 1, { what: 'the CPU engine has ended' })
})

test.run()
