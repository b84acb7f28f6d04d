import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AgentProcess } from '../support/agent-process.ts'
import { dataFile } from '../support/data.ts'
import { processTree, pssMb, treeCpuSeconds } from '../support/process-tree.ts'
import { writeClipAtFps } from './clip-at-30-fps.ts'
import { type PeerName, peersFolder, startPeer } from './peers.ts'
import { atLeast, atMost, type BenchRow, median } from './row.ts'
import type { System } from './system.ts'

const FPS = 30
const WARMUP_S = 2
const WINDOW_S = 8
const CORES = 2
const ROUNDS = { hog: 5, null: 3 }

interface Window {
  readonly detectFps: number
  readonly captureFps: number
  /** CPU seconds a second of all processes of the system. */
  readonly cores: number
  readonly loadCores: number
  readonly viewerFps: readonly number[]
  readonly viewerFrames: number
  readonly pssMb: number
}

async function startOurs(clip: string, backend: string): Promise<System> {
  const agent = await AgentProcess.start({
    config: {
      node: 'bench',
      detector: { backend },
      mqtt: { url: 'mqtt://127.0.0.1:1' },
      streams: [{ id: 'vtest', source: `file:${clip}`, loop: true, frame: { width: 640, height: 480, fps: FPS } }],
    },
  })
  return {
    pid: agent.pid,
    streamUrl: `${agent.url}/api/camera/stream`,
    token: agent.token,
    counters: () => agent.json('/api/camera/status'),
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  }
}

async function load(system: System, viewers: number): Promise<{ frames: number[]; seconds: number; cpuSeconds: number; errors: string[] }> {
  const script = fileURLToPath(new URL('./viewer-load.js', import.meta.url))
  const args = ['--url', system.streamUrl, '--viewers', String(viewers), '--warmup', String(WARMUP_S), '--seconds', String(WINDOW_S)]
  const child = spawn(process.execPath, [script, ...args, `--token=${system.token}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  for await (const piece of child.stdout) out += String(piece)
  return JSON.parse(out) as Awaited<ReturnType<typeof load>>
}

async function measure(system: System, viewers: number): Promise<Window> {
  const watching = viewers > 0 ? load(system, viewers) : null
  await sleep(WARMUP_S * 1_000)
  const before = await system.counters()
  const cpuBefore = treeCpuSeconds(system.pid)
  const startedMs = performance.now()
  await sleep(WINDOW_S * 970)
  const after = await system.counters()
  const seconds = (performance.now() - startedMs) / 1_000
  const cores = (treeCpuSeconds(system.pid) - cpuBefore) / seconds
  const memory = processTree(system.pid).reduce((sum, pid) => sum + pssMb(pid), 0)
  const seen = await watching
  if (seen && seen.errors.length > 0) throw new Error(`viewers failed: ${seen.errors.join('; ')}`)
  return {
    detectFps: (after.frames_detected - before.frames_detected) / seconds,
    captureFps: (after.frames_captured - before.frames_captured) / seconds,
    cores,
    loadCores: seen ? seen.cpuSeconds / seen.seconds : 0,
    viewerFps: seen ? seen.frames.map((frames) => frames / seen.seconds) : [],
    viewerFrames: seen ? seen.frames.reduce((sum, frames) => sum + frames, 0) / seen.seconds : 0,
    pssMb: memory,
  }
}

/** Windows of each number of viewers, alternated, so that a drift of the machine meets all of them. */
async function alternate(system: System, viewerCounts: readonly number[], rounds: number): Promise<Map<number, Window[]>> {
  const windows = new Map<number, Window[]>(viewerCounts.map((viewers) => [viewers, []]))
  for (let began = performance.now(); (await system.counters()).frames_detected < 20; await sleep(200)) {
    if (performance.now() - began > 60_000) throw new Error('the system detects nothing')
  }
  for (let round = 0; round < rounds; round++) {
    for (const viewers of round % 2 === 0 ? viewerCounts : [...viewerCounts].reverse()) {
      windows.get(viewers)?.push(await measure(system, viewers))
    }
  }
  return windows
}

function middle(windows: readonly Window[] | undefined, figure: (window: Window) => number): number {
  return median((windows ?? []).map(figure))
}

/** Detections a second with viewers ÷ without; the cores that the load client took count as not there. */
function detectRatio(windows: Map<number, Window[]>, viewers: number, cpuBound: boolean): number {
  const without = middle(windows.get(0), ({ detectFps }) => detectFps)
  const share = (window: Window) => (cpuBound ? CORES / (CORES - window.loadCores) : 1)
  return middle(windows.get(viewers), (window) => window.detectFps * share(window)) / without
}

function costMs(windows: Map<number, Window[]>, fewer: number, more: number): number {
  const cores = middle(windows.get(more), (window) => window.cores) - middle(windows.get(fewer), (window) => window.cores)
  const frames = middle(windows.get(more), (window) => window.viewerFrames) - middle(windows.get(fewer), (window) => window.viewerFrames)
  return (1_000 * cores) / frames
}

function plain(prefix: string, windows: Map<number, Window[]>): BenchRow[] {
  return [...windows].flatMap(([viewers, of]) => [
    { metric: `${prefix}.detect_fps_${viewers}`, value: middle(of, ({ detectFps }) => detectFps), unit: '1/s' },
    { metric: `${prefix}.capture_fps_${viewers}`, value: middle(of, ({ captureFps }) => captureFps), unit: '1/s' },
    { metric: `${prefix}.cores_${viewers}`, value: middle(of, ({ cores }) => cores), unit: 'cores' },
    { metric: `${prefix}.pss_mb_${viewers}`, value: middle(of, (window) => window.pssMb), unit: 'MB' },
    ...(viewers === 0
      ? []
      : [
          { metric: `${prefix}.viewer_fps_min_${viewers}`, value: middle(of, ({ viewerFps }) => Math.min(...viewerFps)), unit: '1/s' },
          { metric: `${prefix}.load_client_cores_${viewers}`, value: middle(of, ({ loadCores }) => loadCores), unit: 'cores' },
        ]),
  ])
}

async function peerWindows(
  name: PeerName,
  clip: string,
  detector: string,
  viewers: readonly number[],
): Promise<Map<number, Window[]> | null> {
  const folder = peersFolder()
  if (folder === null) {
    process.stderr.write('The Python designs are not here (HEADCOUNT_PEERS names their folder): no peer figures.\n')
    return null
  }
  await using peer = await startPeer(folder, name, clip, detector)
  return await alternate(peer, viewers, 2)
}

function beside(row: BenchRow, peer: Map<number, Window[]> | null, figure: (windows: Map<number, Window[]>) => number): BenchRow {
  return peer === null ? row : { ...row, peer: figure(peer) }
}

/** What viewers cost the detection and each other, beside the Python designs where they are there (HEADCOUNT_PEERS). */
export async function benchViewers(): Promise<BenchRow[]> {
  const clip = dataFile('vtest.avi')
  if (clip === null) throw new Error('vtest.avi is missing: "./install.sh --demo" fetches it.')
  const dir = await mkdtemp(join(tmpdir(), 'headcount-bench-'))
  try {
    const fast = join(dir, 'vtest-30fps.avi')
    await writeClipAtFps(clip, FPS, fast)
    return [...(await hogRows(fast)), ...(await nullRows(fast))]
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function hogRows(clip: string): Promise<BenchRow[]> {
  const counts = [0, 16]
  let ours: Map<number, Window[]>
  {
    await using system = await startOurs(clip, 'hog')
    ours = await alternate(system, counts, ROUNDS.hog)
  }
  const threads = await peerWindows('threads', clip, 'hog', counts)
  const processes = await peerWindows('multiprocess', clip, 'hog', counts)
  return [
    beside(atLeast('viewers.hog.detect_ratio_16', detectRatio(ours, 16, true), 'ratio', 0.95), processes, (peer) =>
      detectRatio(peer, 16, true),
    ),
    ...plain('viewers.hog', ours),
    ...(threads ? plain('viewers.hog.peer_threads', threads) : []),
    ...(processes ? plain('viewers.hog.peer_multiprocess', processes) : []),
  ]
}

/** Rounded to the hundredth: "1.00" is what is asked, not the last digit of a clock. */
function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}

async function nullRows(clip: string): Promise<BenchRow[]> {
  const counts = [0, 16, 40]
  let ours: Map<number, Window[]>
  {
    await using system = await startOurs(clip, 'null:10')
    ours = await alternate(system, counts, ROUNDS.null)
  }
  const threads = await peerWindows('threads', clip, 'null:10', counts)
  const peer = await peerWindows('multiprocess', clip, 'null:10', counts)
  // The slowest viewer of all windows: every one of them is to see a moving picture.
  const slowest = (windows: Map<number, Window[]>) => Math.min(...(windows.get(40) ?? []).flatMap(({ viewerFps }) => viewerFps))
  return [
    beside(atLeast('viewers.null.detect_ratio_16', hundredths(detectRatio(ours, 16, false)), 'ratio', 1), peer, (of) =>
      detectRatio(of, 16, false),
    ),
    beside(atLeast('viewers.null.detect_ratio_40', detectRatio(ours, 40, false), 'ratio', 0.9), peer, (of) => detectRatio(of, 40, false)),
    beside(atLeast('viewers.null.viewer_fps_40', slowest(ours), '1/s', 28), peer, slowest),
    beside(atMost('viewers.cpu_ms_per_viewer_frame', costMs(ours, 16, 40), 'ms', 0.3), peer, (of) => costMs(of, 16, 40)),
    ...plain('viewers.null', ours),
    ...(threads ? plain('viewers.null.peer_threads', threads) : []),
    ...(peer ? plain('viewers.null.peer_multiprocess', peer) : []),
  ]
}
