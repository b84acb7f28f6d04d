import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { collectFrames } from '../support/mjpeg-frames.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { lives, processTree, titleOf } from '../support/process-tree.ts'

const test = suite('killed children')

/** The `null` detector answers three boxes, always: any other number on MQTT is a lie about the world. */
const PERSONS = '3'

async function startChain(url: string) {
  return AgentProcess.start({
    config: {
      node: 'rig',
      mqtt: { url },
      detector: { backend: 'null:10' },
      streams: [{ id: 'door', source: 'test', frame: { width: 320, height: 240, fps: 15 } }],
    },
  })
}

function pidOf(agent: AgentProcess, title: string): number {
  const pid = processTree(agent.pid).find((each) => titleOf(each).startsWith(title))
  if (pid === undefined) throw new Error(`no process "${title}" among ${processTree(agent.pid).map(titleOf).join(', ')}`)
  return pid
}

for (const [victim, other, status] of [
  ['headcount: capture', 'headcount: engine', 'offline'],
  ['headcount: engine', 'headcount: capture', 'degraded'],
] as const) {
  test(`a killed ${victim.slice(11)} turns the count unknown, never 0, and comes back while everything else stays`, async () => {
    await using broker = await startBroker()
    await using mqtt = await recordMqtt(broker.url)
    await using agent = await startChain(broker.url)
    await mqtt.until('headcount/rig/door/count', PERSONS)
    await mqtt.until('headcount/rig/door/status', 'online')
    await using viewer = collectFrames(Number(new URL(agent.url).port), '/api/camera/stream', agent.token)
    await eventually(() => viewer.frames.length > 3, { what: 'the viewer sees pictures' })
    const survivor = pidOf(agent, other)
    const killed = pidOf(agent, victim)

    process.kill(killed, 'SIGKILL')
    await mqtt.until('headcount/rig/door/count', 'unknown')
    await mqtt.until('headcount/rig/door/status', status)
    const { person_count } = await agent.json<{ person_count: number | null }>('/api/camera/status')
    await mqtt.until('headcount/rig/door/count', PERSONS)
    await mqtt.until('headcount/rig/door/status', 'online')
    const shown = viewer.frames.length
    await eventually(() => viewer.frames.length > shown + 3, { what: 'the same viewer sees pictures again' })

    assert.ok(person_count === null || person_count === Number(PERSONS), `person_count ${person_count}`)
    assert.not.ok(viewer.ended, 'the viewer was not thrown out')
    assert.is(pidOf(agent, other), survivor, 'the other child is the same process')
    assert.is.not(pidOf(agent, victim), killed)
    assert.equal(new Set(mqtt.of('headcount/rig/door/count')), new Set(['unknown', PERSONS]), 'nothing but unknown and the truth was said')
    assert.equal(mqtt.of('headcount/rig/status'), ['online'], 'the MQTT session stayed')
  })
}

test('a killed agent takes its children along', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startChain(broker.url)
  await mqtt.until('headcount/rig/door/count', PERSONS)
  const tree = processTree(agent.pid)
  assert.ok(tree.length >= 3, `agent, capture, engine: ${tree.map(titleOf).join(', ')}`)
  process.kill(agent.pid, 'SIGKILL')
  await eventually(() => !tree.some(lives), { what: 'no child survives' })
  await mqtt.until('headcount/rig/status', 'offline')
})

test('an agent that was killed leaves nothing in the way of the next', async () => {
  await using broker = await startBroker()
  const first = await startChain(broker.url)
  process.kill(first.pid, 'SIGKILL')
  await first.exited()
  await using mqtt = await recordMqtt(broker.url)
  await using second = await AgentProcess.start({
    runtimeDir: first.runtimeDir,
    config: {
      node: 'rig',
      mqtt: { url: broker.url },
      detector: { backend: 'null:10' },
      streams: [{ id: 'door', source: 'test', frame: { width: 320, height: 240, fps: 15 } }],
    },
  })
  await mqtt.until('headcount/rig/door/count', PERSONS)
  assert.ok(second.url !== '')
  await first[Symbol.asyncDispose]()
})

test('ends within its limit and says offline', async () => {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  const agent = await startChain(broker.url)
  await mqtt.until('headcount/rig/door/count', PERSONS)
  const tree = processTree(agent.pid)
  agent.process.kill('SIGTERM')
  assert.is(await agent.exited(), 0, agent.log)
  await eventually(() => !tree.some(lives), { what: 'no child is left' })
  await mqtt.until('headcount/rig/status', 'offline')
  await mqtt.until('headcount/rig/door/count', 'unknown')
  await agent[Symbol.asyncDispose]()
})

test.run()
