import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { lives } from '../support/process-tree.ts'
import { RtspCamera } from '../support/rtsp-camera.ts'
import { childrenOf, DOOR, PERSONS, startChain } from './chain.ts'

const test = suite('hanging children')

const COUNT = 'headcount/rig/door/count'
const STATUS = 'headcount/rig/door/status'
/** The agent waits 5 s for a camera and 10 s for a detector; then come rests, a start, and a loaded machine. */
const LIMIT_MS = 40_000

/** The only capture or engine. */
function onlyPid(agent: AgentProcess, kind: 'capture' | 'engine'): number {
  const [pid, ...others] = childrenOf(agent, kind)
  if (pid === undefined || others.length > 0) throw new Error(`${childrenOf(agent, kind).length} processes "${kind}"`)
  return pid
}

/** Nothing but the truth and "unknown" was counted, and whenever it was unknown the stream was not said to be online. */
function assertHonest(mqtt: MqttRecorder): void {
  let status = 'offline'
  for (const { topic, payload } of mqtt.heard) {
    if (topic === STATUS) status = payload
    if (topic !== COUNT) continue
    assert.ok(payload === PERSONS || payload === 'unknown', `count ${payload}`)
    assert.is(status === 'online', payload === PERSONS, `count ${payload} with status ${status}`)
  }
}

/** Waits for a reason on MQTT, also one that has passed already. */
function hears(mqtt: MqttRecorder, code: string): Promise<unknown> {
  const states = () => mqtt.of('headcount/rig/door/state')
  return eventually(() => states().some((state) => state.includes(`[${code}]`)), {
    what: `the state says ${code}`,
    withinMs: LIMIT_MS,
    log: () => states().slice(-5).join('\n'),
  })
}

for (const [kind, other, code, status] of [
  ['capture', 'engine', 'SOURCE_SILENT', 'offline'],
  ['engine', 'capture', 'ENGINE_SILENT', 'degraded'],
] as const) {
  test(`a frozen ${kind} turns the count unknown, is replaced, and comes back`, async () => {
    await using broker = await startBroker()
    await using mqtt = await recordMqtt(broker.url)
    await using agent = await startChain(broker.url)
    await mqtt.until(COUNT, PERSONS)
    const [frozen, survivor] = [onlyPid(agent, kind), onlyPid(agent, other)]

    process.kill(frozen, 'SIGSTOP')
    await mqtt.until(COUNT, 'unknown')
    assert.ok(lives(frozen), 'that was said before the process was given up')
    await hears(mqtt, code)
    await mqtt.until(STATUS, status)
    await mqtt.until(COUNT, PERSONS, LIMIT_MS)

    assert.not(lives(frozen))
    assert.is.not(onlyPid(agent, kind), frozen)
    assert.is(onlyPid(agent, other), survivor)
    assertHonest(mqtt)
  })
}

test('an RTSP camera that falls silent while its connection stays is opened again', async () => {
  await using camera = await RtspCamera.open({ stallAfter: 4 })
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url, [{ ...DOOR, source: camera.url() }])
  await mqtt.until(COUNT, PERSONS, LIMIT_MS)
  const first = onlyPid(agent, 'capture')
  await mqtt.until(COUNT, 'unknown')
  await hears(mqtt, 'SOURCE_SILENT')
  await mqtt.until(COUNT, PERSONS, LIMIT_MS)
  assert.is.not(onlyPid(agent, 'capture'), first)
  assertHonest(mqtt)
})

test.run()
