import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { type MqttRecorder, type Recorded, recordMqtt } from '../support/mqtt-recorder.ts'
import { processTree, titleOf } from '../support/process-tree.ts'
import { SimulatedNpu, STANDING } from '../support/simulated-npu.ts'
import { randomFrom } from '../tracking/random.ts'
import { atLeast, atMost, type BenchRow, median } from './row.ts'

const FAULTS = 50
const SEED = 20_26
const STREAM = 'headcount/bench/door'
const COUNT = `${STREAM}/count`
/** The script holds so many people, always: any other number is a lie about the world. */
const PERSONS = String(STANDING.length)

/** A fault that stops inference for longer than this must have turned the count unknown. */
const UNKNOWN_LIMIT_S = 2.5
const BACK_LIMIT_S = 5
/** The live picture waits a second for boxes when they stop coming, and goes on without. */
const VIEWER_GAP_LIMIT_S = 2
/** After this long a fault counts as never mended. */
const GIVE_UP_MS = 30_000
/** Threads and descriptors come and go with connections and timers of the run time. */
const SLACK = 4

interface Chaos {
  readonly agent: AgentProcess
  readonly mqtt: MqttRecorder
  readonly npu: SimulatedNpu
}

/** What one fault did. */
interface Outcome {
  readonly fault: string
  /** null: it never stopped the counts for long. */
  readonly unknownAfterS: number | null
  /** From the end of the fault until counts are known; null: never. */
  readonly backAfterS: number | null
}

/** Random faults of the (simulated) NPU, one after another: what people see meanwhile, and what is left at the end. */
export async function benchNpuChaos(): Promise<BenchRow[]> {
  await using npu = await SimulatedNpu.make({ detector: { kind: 'script', frames: [STANDING] } })
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await AgentProcess.start({
    config: {
      node: 'bench',
      mqtt: { url: broker.url },
      detector: { backend: 'hailo' },
      streams: [{ id: 'door', source: 'test', frame: { width: 640, height: 480, fps: 30 } }],
    },
    env: npu.env,
  })
  const chaos = { agent, mqtt, npu }
  await mqtt.until(COUNT, PERSONS, GIVE_UP_MS)
  await using viewer = await watchPicture(agent)
  const random = randomFrom(SEED)
  // The first recovery loads what a recovery needs; only then is the state of rest known.
  const outcomes = [await suffer(chaos, { fault: 'stall', seconds: 3 })]
  await atRest(agent)
  const before = holdings(agent.pid)
  while (outcomes.length < FAULTS) outcomes.push(await suffer(chaos, randomFault(random)))
  await atRest(agent)
  const after = holdings(agent.pid)
  return [
    ...rowsOf(outcomes, mqtt),
    ...leaks(before, after),
    atMost('npu_chaos.viewer_gap_s', viewer.longestGapMs() / 1_000, 's', VIEWER_GAP_LIMIT_S),
  ]
}

/** A viewer that keeps nothing but the longest pause between two pieces of the live picture. */
async function watchPicture(agent: AgentProcess): Promise<AsyncDisposable & { longestGapMs(): number }> {
  const stop = new AbortController()
  const { body } = await agent.get('/api/streams/door/mjpeg', { signal: stop.signal })
  let longestMs = 0
  const watched = (async () => {
    let lastMs = performance.now()
    for await (const _piece of body ?? []) {
      const nowMs = performance.now()
      longestMs = Math.max(longestMs, nowMs - lastMs)
      lastMs = nowMs
    }
  })()
  return {
    longestGapMs: () => longestMs,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watched.catch(() => undefined)
    },
  }
}

/** Seconds are such that a fault may end within one inference, within the rebuild, or within any later rung of the ladder. */
function randomFault(random: () => number): Record<string, unknown> {
  const seconds = Number((0.3 + random() * 4.7).toFixed(1))
  const kinds: Record<string, unknown>[] = [
    // Over when so many answers are missing, which takes a second each.
    { fault: 'timeout', times: 1 + Math.floor(random() * 2) },
    { fault: 'timeout', always: true, seconds },
    { fault: 'stall', seconds },
    { fault: 'lost', seconds },
    { fault: 'busy', seconds },
    { fault: 'corrupt', seconds },
    { fault: 'slow', factor: 3, seconds },
  ]
  return kinds[Math.floor(random() * kinds.length)] ?? {}
}

async function suffer({ agent, mqtt, npu }: Chaos, fault: Record<string, unknown>): Promise<Outcome> {
  const fromMs = performance.now()
  const heardBefore = mqtt.heard.length
  await npu.fault(fault)
  const seconds = Number(fault['seconds'] ?? 1)
  await sleep(seconds * 1_000)
  const overMs = performance.now()
  const backMs = await knownAgain(agent, overMs)
  await npu.heal()
  // The next fault meets counts that everybody has heard of.
  if (backMs !== null) await mqtt.until(COUNT, PERSONS)
  const unknown = mqtt.heard.slice(heardBefore).find(({ topic, payload }) => topic === COUNT && payload === 'unknown')
  const outcome = {
    fault: JSON.stringify(fault),
    unknownAfterS: unknown === undefined ? null : (unknown.atMs - fromMs) / 1_000,
    backAfterS: backMs === null ? null : (backMs - overMs) / 1_000,
  }
  process.stderr.write(`${JSON.stringify(outcome)}\n`)
  return outcome
}

/** When the count was known by a look that is younger than the end of the fault; null: not in time. */
async function knownAgain(agent: AgentProcess, overMs: number): Promise<number | null> {
  while (performance.now() - overMs < GIVE_UP_MS) {
    const { person_count, state } = await agent.json<{ person_count: number | null; state: { ageMs: number | null } }>('/api/camera/status')
    const nowMs = performance.now()
    if (person_count !== null && state.ageMs !== null && nowMs - state.ageMs > overMs) return nowMs
    await sleep(20)
  }
  return null
}

/** The engine has its streams back, and whatever was let go has had time to go. */
async function atRest(agent: AgentProcess): Promise<void> {
  await knownAgain(agent, performance.now())
  await sleep(3_000)
}

interface Holdings {
  readonly processes: readonly string[]
  readonly threads: Readonly<Record<string, number>>
  readonly descriptors: Readonly<Record<string, number>>
}

/** Processes below the agent, and what each of them holds, by title. */
function holdings(root: number): Holdings {
  const pids = processTree(root)
  const titled = (count: (pid: number) => number) => Object.fromEntries(pids.map((pid) => [titleOf(pid), count(pid)]))
  return {
    processes: pids.map(titleOf).sort(),
    threads: titled((pid) => readdirSync(`/proc/${pid}/task`).length),
    descriptors: titled((pid) => readdirSync(`/proc/${pid}/fd`).length),
  }
}

function leaks(before: Holdings, after: Holdings): BenchRow[] {
  const grown = (name: 'threads' | 'descriptors') =>
    Math.max(...Object.entries(after[name]).map(([title, count]) => count - (before[name][title] ?? 0)))
  return [
    atMost('npu_chaos.processes_left', after.processes.length - before.processes.length, 'processes', 0),
    atMost('npu_chaos.threads_grown', grown('threads'), 'threads', SLACK),
    atMost('npu_chaos.descriptors_grown', grown('descriptors'), 'descriptors', SLACK),
  ]
}

function rowsOf(outcomes: readonly Outcome[], mqtt: MqttRecorder): BenchRow[] {
  const back = outcomes.flatMap(({ backAfterS }) => backAfterS ?? [])
  const unknown = outcomes.flatMap(({ unknownAfterS }) => unknownAfterS ?? [])
  return [
    atLeast('npu_chaos.recovered', back.length, `of ${FAULTS} faults (simulated NPU)`, FAULTS),
    atMost('npu_chaos.back_after_fault_s', Math.max(...back), 's', BACK_LIMIT_S),
    { metric: 'npu_chaos.back_after_fault_median_s', value: median(back), unit: 's' },
    { metric: 'npu_chaos.turned_unknown', value: unknown.length, unit: 'faults' },
    atMost('npu_chaos.unknown_after_s', Math.max(...unknown), 's', UNKNOWN_LIMIT_S),
    atMost('npu_chaos.false_counts', mqtt.heard.filter(isLie).length, 'messages', 0),
  ]
}

function isLie({ topic, payload }: Recorded): boolean {
  return topic === COUNT && payload !== 'unknown' && payload !== PERSONS
}
