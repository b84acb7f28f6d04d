import { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { anonymousMb, processTree, titleOf } from '../support/process-tree.ts'
import { atMost, type BenchRow } from './row.ts'

/** A heap has found its size by then. */
const START_FRAMES = 40_000
const END_FRAMES = 140_000
const LIMIT_MB = 5
const TIME_LIMIT_MS = 300_000

/**
 * 140,000 frames as fast as they go through capture, ring, engine, tracker, agent: no process may have grown by more than
 * 5 MB beyond its size at frame 40,000. The ring is lossless, so that each frame passes each stage.
 */
export async function benchSoak(): Promise<BenchRow[]> {
  await using broker = await startBroker()
  await using agent = await AgentProcess.start({
    entry: new URL('../support/unthrottled-agent.js', import.meta.url),
    config: {
      node: 'soak',
      detector: { backend: 'null:1' },
      mqtt: { url: broker.url },
      streams: [{ id: 'soak', source: 'test', frame: { width: 640, height: 480, fps: 30 } }],
    },
  })
  const seen = async (frames: number) =>
    eventually(async () => (await agent.json<{ frames_detected: number }>('/api/camera/status')).frames_detected >= frames, {
      what: `${frames} frames are inferred`,
      withinMs: TIME_LIMIT_MS,
      everyMs: 250,
    })
  await seen(START_FRAMES)
  const startedMs = performance.now()
  const before = new Map(processTree(agent.pid).map((pid) => [pid, anonymousMb(pid)]))
  await seen(END_FRAMES)
  const after = processTree(agent.pid)
  if (after.length !== before.size || after.some((pid) => !before.has(pid))) throw new Error(`a process ended meanwhile:\n${agent.log}`)
  const seconds = (performance.now() - startedMs) / 1_000
  const rows = [...before].map(([pid, mb]) => ({ title: titleOf(pid), mb, grownMb: anonymousMb(pid) - mb }))
  return [
    atMost('soak.growth_mb', Math.max(...rows.map(({ grownMb }) => grownMb)), 'MB', LIMIT_MB),
    { metric: 'soak.fps', value: (END_FRAMES - START_FRAMES) / seconds, unit: '1/s' },
    ...rows.flatMap(({ title, mb, grownMb }) => [
      { metric: `soak.growth_mb[${title}]`, value: grownMb, unit: 'MB' },
      { metric: `soak.start_mb[${title}]`, value: mb, unit: 'MB' },
    ]),
  ]
}
