import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import type { NpuFigures, NpuRun } from './npu-child.ts'
import { atLeast, atMost, type BenchRow, median } from './row.ts'

const CHILD = fileURLToPath(new URL('./npu-child.js', import.meta.url))
const BARE_LOOP = fileURLToPath(new URL('../../../native/build/Release/hailort_bare_loop', import.meta.url))
const ROUNDS = 3
const SECONDS = 4
const RUN_LIMIT_MS = 60_000
/** What the engine configures as well. */
const CHIP_BATCH = 8
const VS_BARE_LOOP = 0.98
const LOOP_DELAY_LIMIT_MS = 10

/** What the plain loop in C++ prints. */
interface BareFigures {
  readonly framesPerSecond: number
  readonly cpuMsPerFrame: number
  /** One memcpy of a frame of the network's input. */
  readonly memcpyMsPerFrame: number
}

interface Case {
  readonly name: string
  readonly chip: 'hailo8' | 'hailo8l'
  /** Published for yolov8n at 640×640, by batch size. */
  readonly fps: Readonly<Record<string, number>>
  readonly batch: number
}

const CASES: readonly Case[] = [
  // The default batch size.
  { name: 'npu', chip: 'hailo8', fps: { 1: 1_036, 8: 1_036 }, batch: 2 },
  { name: 'npu.hailo8l', chip: 'hailo8l', fps: { 1: 202, 8: 438 }, batch: 8 },
]

/** Frames of 640×640×3 bytes that 500 and 985 MB/s carry. */
const LINK_FPS = { gen2x1: 406.9, gen3x1: 801.6 }
/** Frames that are under way when the time is taken. */
const LINK_SLACK = 0.01

/** How busy the engine keeps a (simulated) NPU whose boxes cost nothing, beside the plainest loop on the same simulator. */
export async function benchNpu(): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const each of CASES) rows.push(...(await benchCase(each)))
  for (const [pcie, fps] of Object.entries(LINK_FPS)) rows.push(await benchLink(pcie, fps))
  return rows
}

/** The simulated link holds up a chip that is faster than it. */
async function benchLink(pcie: string, fps: number): Promise<BenchRow> {
  await using npu = await SimulatedNpu.make({ devices: [{ id: '0000:01:00.0', chip: 'hailo8' }], pcie })
  const model = await npu.hef('yolov8n', { chip: 'hailo8', fps: { 1: 1_036 } })
  const { framesPerSecond } = await figuresOf<BareFigures>(BARE_LOOP, bareArgs(model), npu.env)
  return atMost(`npu.${pcie}.frames_per_second`, framesPerSecond, '1/s (simulated NPU)', fps * (1 + LINK_SLACK))
}

function bareArgs(model: string): readonly string[] {
  return [model, String(CHIP_BATCH), String(CHIP_BATCH), String(SECONDS)]
}

async function benchCase({ name, chip, fps, batch }: Case): Promise<BenchRow[]> {
  await using npu = await SimulatedNpu.make({ devices: [{ id: '0000:01:00.0', chip }] })
  const model = await npu.hef('yolov8n', { chip, fps })
  const ours: NpuFigures[] = []
  const bare: BareFigures[] = []
  // In turns, so that whatever else the machine does hits both.
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await figuresOf<BareFigures>(BARE_LOOP, bareArgs(model), npu.env))
    const run: NpuRun = { model, batch, seconds: SECONDS }
    ours.push(await figuresOf<NpuFigures>(process.execPath, [CHILD, JSON.stringify(run)], npu.env))
  }
  const middle = (figures: readonly NpuFigures[], of: (each: NpuFigures) => number) => median(figures.map(of))
  const bareFps = median(bare.map(({ framesPerSecond }) => framesPerSecond))
  const rate = middle(ours, ({ framesPerSecond }) => framesPerSecond)
  const vsBare = median(ours.map(({ framesPerSecond }, index) => framesPerSecond / (bare[index]?.framesPerSecond ?? Number.NaN)))
  return [
    { ...atLeast(`${name}.vs_bare_loop`, vsBare, 'ratio (simulated NPU)', VS_BARE_LOOP), ratio: vsBare },
    { metric: `${name}.frames_per_second`, value: rate, unit: '1/s (simulated NPU)', peer: bareFps },
    { metric: `${name}.utilisation`, value: middle(ours, ({ utilisation }) => utilisation), unit: 'busy ÷ wall (simulated NPU)' },
    {
      metric: `${name}.cpu_ms_per_frame`,
      value: middle(ours, ({ cpuMsPerFrame }) => cpuMsPerFrame),
      unit: 'ms (simulator included)',
      peer: median(bare.map(({ cpuMsPerFrame }) => cpuMsPerFrame)),
    },
    { metric: `${name}.memcpy_ms_per_frame`, value: median(bare.map(({ memcpyMsPerFrame }) => memcpyMsPerFrame)), unit: 'ms' },
    atMost(
      `${name}.event_loop_delay_p99_ms`,
      middle(ours, ({ loopDelayP99Ms }) => loopDelayP99Ms),
      'ms',
      LOOP_DELAY_LIMIT_MS,
    ),
  ]
}

async function figuresOf<Figures>(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Figures> {
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...env }, timeout: RUN_LIMIT_MS })
  return JSON.parse(stdout) as Figures
}
