import { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { dataFile } from '../support/data.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { lives, processTree, titleOf } from '../support/process-tree.ts'
import { atMost, type BenchRow, median } from './row.ts'

const BACK_LIMIT_S = 3
const ORPHAN_LIMIT_S = 2
const COUNT = 'headcount/bench/door/count'
const STATUS = 'headcount/bench/door/status'

/** What is killed, and what of its counts would be a lie. */
interface Case {
  readonly name: string
  readonly config: Record<string, unknown>
  readonly kills: number
  readonly isLie: (count: string) => boolean
}

const frame = { width: 640, height: 480, fps: 30 }

/** The `null` detector always answers three people. */
const nullCase: Case = {
  name: 'null',
  config: { detector: { backend: 'null:10' }, streams: [{ id: 'door', source: 'test', frame }] },
  kills: 5,
  isLie: (count) => count !== '3',
}

/** There are always people in this clip: 0 is never true. */
function hogCase(clip: string): Case {
  return {
    name: 'hog',
    config: { detector: { backend: 'hog' }, streams: [{ id: 'door', source: `file:${clip}`, loop: true, frame: { ...frame, fps: 10 } }] },
    kills: 3,
    isLie: (count) => count === '0',
  }
}

/** Seconds from a SIGKILL until the count is known again, and how long children outlive a killed agent. */
export async function benchRecovery(): Promise<BenchRow[]> {
  const clip = dataFile('vtest.avi')
  const rows: BenchRow[] = []
  for (const each of clip === null ? [nullCase] : [nullCase, hogCase(clip)]) rows.push(...(await recover(each)))
  return rows
}

async function recover({ name, config, kills, isLie }: Case): Promise<BenchRow[]> {
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await AgentProcess.start({ config: { node: 'bench', mqtt: { url: broker.url }, ...config } })
  await mqtt.until(COUNT, (count) => count !== 'unknown')
  const capture = await backAfterKills(agent, mqtt, 'headcount: capture', kills)
  const engine = await backAfterKills(agent, mqtt, 'headcount: engine', kills)
  const lies = mqtt.of(COUNT).filter((count) => count !== 'unknown' && isLie(count)).length

  const tree = processTree(agent.pid)
  const killedMs = performance.now()
  process.kill(agent.pid, 'SIGKILL')
  await eventually(() => !tree.some(lives), { what: 'no child survives', everyMs: 5 })
  const orphansS = (performance.now() - killedMs) / 1_000
  return [
    atMost(`recovery.${name}.capture_back_s`, Math.max(...capture), 's', BACK_LIMIT_S),
    atMost(`recovery.${name}.engine_back_s`, Math.max(...engine), 's', BACK_LIMIT_S),
    { metric: `recovery.${name}.capture_back_median_s`, value: median(capture), unit: 's' },
    { metric: `recovery.${name}.engine_back_median_s`, value: median(engine), unit: 's' },
    atMost(`recovery.${name}.false_counts`, lies, 'messages', 0),
    atMost(`recovery.${name}.online_while_unknown`, onlineWhileUnknown(mqtt), 'messages', 0),
    atMost(`recovery.${name}.children_gone_s`, orphansS, 's', ORPHAN_LIMIT_S),
  ]
}

/** How often the status still said `online` when the next message after an `unknown` count came. */
function onlineWhileUnknown(mqtt: MqttRecorder): number {
  let status = ''
  let wrong = 0
  let unknown = false
  for (const { topic, payload } of mqtt.heard) {
    if (topic === STATUS) status = payload
    // A state is told topic by topic, status and count among the first: after the last of them both must fit.
    if (topic === 'headcount/bench/door/state' && unknown && status === 'online') wrong++
    if (topic === COUNT) unknown = payload === 'unknown'
  }
  return wrong
}

async function backAfterKills(agent: AgentProcess, mqtt: MqttRecorder, title: string, kills: number): Promise<number[]> {
  const seconds: number[] = []
  for (let kill = 0; kill < kills; kill++) {
    const victim = processTree(agent.pid).find((pid) => titleOf(pid).startsWith(title))
    if (victim === undefined) throw new Error(`there is no ${title}`)
    const killedMs = performance.now()
    process.kill(victim, 'SIGKILL')
    await mqtt.until(COUNT, 'unknown')
    await mqtt.until(COUNT, (count) => count !== 'unknown')
    seconds.push((performance.now() - killedMs) / 1_000)
    // As in life, a failure comes after a good run: each starts the backoff anew.
    await new Promise((resolve) => setTimeout(resolve, 11_000))
  }
  return seconds
}
