import { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { lives, processTree, titleOf } from '../support/process-tree.ts'
import { atMost, type BenchRow, median } from './row.ts'

const KILLS = 5
const BACK_LIMIT_S = 3
const ORPHAN_LIMIT_S = 2
const COUNT = 'headcount/bench/door/count'
/** The `null` detector always answers three people. */
const PERSONS = '3'

/** Seconds from a SIGKILL until the count is known again, and how long children outlive a killed agent. */
export async function benchRecovery(): Promise<BenchRow[]> {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await AgentProcess.start({
    config: {
      node: 'bench',
      mqtt: { url: broker.url },
      detector: { backend: 'null:10' },
      streams: [{ id: 'door', source: 'test', frame: { width: 640, height: 480, fps: 30 } }],
    },
  })
  await mqtt.until(COUNT, PERSONS)
  const capture = await backAfterKills(agent, mqtt, 'headcount: capture')
  const engine = await backAfterKills(agent, mqtt, 'headcount: engine')
  const lies = mqtt.of(COUNT).filter((payload) => payload !== PERSONS && payload !== 'unknown').length

  const tree = processTree(agent.pid)
  const killedMs = performance.now()
  process.kill(agent.pid, 'SIGKILL')
  await eventually(() => !tree.some(lives), { what: 'no child survives', everyMs: 5 })
  const orphansS = (performance.now() - killedMs) / 1_000
  return [
    atMost('recovery.capture_back_s', Math.max(...capture), 's', BACK_LIMIT_S),
    atMost('recovery.engine_back_s', Math.max(...engine), 's', BACK_LIMIT_S),
    { metric: 'recovery.capture_back_median_s', value: median(capture), unit: 's' },
    { metric: 'recovery.engine_back_median_s', value: median(engine), unit: 's' },
    atMost('recovery.false_counts', lies, 'messages', 0),
    atMost('recovery.children_gone_s', orphansS, 's', ORPHAN_LIMIT_S),
  ]
}

async function backAfterKills(agent: AgentProcess, mqtt: MqttRecorder, title: string): Promise<number[]> {
  const seconds: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const victim = processTree(agent.pid).find((pid) => titleOf(pid).startsWith(title))
    if (victim === undefined) throw new Error(`there is no ${title}`)
    const killedMs = performance.now()
    process.kill(victim, 'SIGKILL')
    await mqtt.until(COUNT, 'unknown')
    await mqtt.until(COUNT, PERSONS)
    seconds.push((performance.now() - killedMs) / 1_000)
    // As in life, a failure comes after a good run: each starts the backoff anew.
    await new Promise((resolve) => setTimeout(resolve, 11_000))
  }
  return seconds
}
