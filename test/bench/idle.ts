import { setTimeout as sleep } from 'node:timers/promises'
import { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { bytesWritten, cpuSeconds, processTree, pssMb, titleOf } from '../support/process-tree.ts'
import { RtspCamera } from '../support/rtsp-camera.ts'
import { SimulatedNpu, STANDING } from '../support/simulated-npu.ts'
import { aloneMb } from './idle-memory.ts'
import { atLeast, atMost, type BenchRow, median } from './row.ts'

const FRAME = { width: 640, height: 480, fps: 30 }
const MEMORY_LIMIT_MB = 220
const SETTLE_MS = 20_000
/** History writes its minutes five at a time: this sees one batch. */
const WITH_BATCH_S = 310
const SHORT_S = 60
const LOOKS = 12
const SEEN_FPS = 25
/** What history writes of one minute: a few pages of its log, each once. */
const WRITTEN_LIMIT_KB = 200

/**
 * What the service takes when nobody looks: one camera of 640×480 at 30 fps, a simulated NPU whose picture holds three people, a broker, no
 * viewer. `test` is a camera that gives raw pictures, as a Pi camera does; `rtsp` one whose H.264 has to be decoded.
 */
export async function benchIdle(): Promise<BenchRow[]> {
  const raw = await idle('idle', { source: 'test', seconds: WITH_BATCH_S })
  await using camera = await RtspCamera.open(FRAME)
  return [...raw, ...(await idle('idle.rtsp', { source: camera.url(), seconds: SHORT_S }))]
}

interface Idle {
  readonly source: string
  readonly seconds: number
}

/** One process over the time of the measurement. */
interface Taken {
  readonly title: string
  readonly pssMb: number
  readonly cpuMsPerS: number
  readonly writtenKbPerMinute: number
}

async function idle(name: string, { source, seconds }: Idle): Promise<BenchRow[]> {
  await using npu = await SimulatedNpu.make({ detector: { kind: 'script', frames: [STANDING] } })
  await using broker = await startBroker()
  await using agent = await AgentProcess.start({
    config: {
      node: 'idle',
      detector: { backend: 'auto' },
      mqtt: { url: broker.url },
      streams: [
        {
          id: 'hall',
          source,
          frame: FRAME,
          zones: [
            {
              id: 'desk',
              polygon: [
                [0, 0],
                [0.5, 0],
                [0.5, 1],
                [0, 1],
              ],
            },
          ],
          lines: [{ id: 'entrance', from: [0.8, 0], to: [0.8, 1] }],
        },
      ],
      areas: [{ id: 'shop', entrances: ['hall/entrance'] }],
    },
    env: npu.env,
  })
  await eventually(async () => (await agent.json<{ person_count: number }>('/api/camera/status')).person_count === STANDING.length, {
    what: 'three people are counted',
    withinMs: 60_000,
    log: () => agent.log,
  })
  await sleep(SETTLE_MS)
  const before = await agent.json<Status>('/api/camera/status')
  const taken = await measure(agent, seconds)
  const alone = aloneMb(processTree(agent.pid))
  const after = await agent.json<Status>('/api/camera/status')
  const fps = (after.frames_detected - before.frames_detected) / seconds
  return [...rows(name, taken, fps), atMost(`${name}.alone_mb`, alone, 'MB (as if nothing else ran Node)', MEMORY_LIMIT_MB)]
}

interface Status {
  readonly frames_detected: number
}

async function measure(agent: AgentProcess, seconds: number): Promise<readonly Taken[]> {
  const pids = processTree(agent.pid)
  const read = () => new Map(pids.map((pid) => [pid, { cpuS: cpuSeconds(pid), written: bytesWritten(pid) }]))
  const before = read()
  const sizes = new Map(pids.map((pid) => [pid, [] as number[]]))
  for (let look = 0; look < LOOKS; look++) {
    await sleep((seconds * 1_000) / LOOKS)
    for (const pid of pids) sizes.get(pid)?.push(pssMb(pid))
  }
  const after = read()
  if (processTree(agent.pid).join() !== pids.join()) throw new Error(`a process came or went meanwhile:\n${agent.log}`)
  return pids.map((pid) => ({
    title: titleOf(pid),
    pssMb: median(sizes.get(pid) ?? []),
    cpuMsPerS: (((after.get(pid)?.cpuS ?? 0) - (before.get(pid)?.cpuS ?? 0)) * 1_000) / seconds,
    writtenKbPerMinute: (((after.get(pid)?.written ?? 0) - (before.get(pid)?.written ?? 0)) / 1_000) * (60 / seconds),
  }))
}

function rows(name: string, taken: readonly Taken[], fps: number): BenchRow[] {
  const sum = (of: (each: Taken) => number) => taken.reduce((all, each) => all + of(each), 0)
  return [
    atMost(
      `${name}.pss_mb`,
      sum(({ pssMb: mb }) => mb),
      'MB',
      MEMORY_LIMIT_MB,
    ),
    { metric: `${name}.cpu_ms_per_s`, value: sum(({ cpuMsPerS }) => cpuMsPerS), unit: 'ms/s (simulator included)' },
    atMost(
      `${name}.written_kb_per_minute`,
      sum(({ writtenKbPerMinute }) => writtenKbPerMinute),
      'kB/min',
      WRITTEN_LIMIT_KB,
    ),
    // An agent that sees nothing is small and quiet: that would be no measurement.
    atLeast(`${name}.fps`, fps, '1/s', SEEN_FPS),
    ...taken.flatMap(({ title, pssMb: mb, cpuMsPerS, writtenKbPerMinute }) => [
      { metric: `${name}.pss_mb[${title}]`, value: mb, unit: 'MB' },
      { metric: `${name}.cpu_ms_per_s[${title}]`, value: cpuMsPerS, unit: 'ms/s' },
      { metric: `${name}.written_kb_per_minute[${title}]`, value: writtenKbPerMinute, unit: 'kB/min' },
    ]),
  ]
}
