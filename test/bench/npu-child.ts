import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDoorbells, createRing, openDoorbells, openRing } from 'hailort-node/ring'
import { EngineProcess } from '../../agent/engine/engine-process.ts'
import type { EngineReport } from '../../agent/engine/messages.ts'
import type { AgentError } from '../../agent/errors.ts'
import { defaultOrder } from '../support/default-order.ts'

/** What the bench asks of this process, as JSON in the first argument. */
export interface NpuRun {
  readonly model: string
  /** The engine's `batchSize`: it grows by itself under load. */
  readonly batch: number
  readonly seconds: number
}

/** What it answers, as one line of JSON. */
export interface NpuFigures {
  readonly framesPerSecond: number
  /** Of the whole engine: letterbox, write, read, decode, track, result block; the simulator's own copy of each frame included. */
  readonly cpuMsPerFrame: number
  readonly loopDelayP99Ms: number
  readonly utilisation: number
}

const WIDTH = 640
const HEIGHT = 480
const SLOTS = 64
const ENGINE_BELL = 1
const WARM_UP_MS = 1_500

/* The engine of the agent, in a process whose event loop is watched, with a file that never ends in front of it. */

const { model, batch, seconds } = JSON.parse(process.argv[2] ?? '') as NpuRun
const dir = mkdtempSync('/dev/shm/headcount-npu-bench-')
const doorbellsPath = join(dir, 'doorbells')
createDoorbells(doorbellsPath, 4)
const ringPath = join(dir, 'clip.1.ring')
createRing(ringPath, { slotCount: SLOTS, maxWidth: WIDTH, maxHeight: HEIGHT, format: 'I420', mode: 'lossless' })
const ring = openRing(ringPath)
const doorbells = openDoorbells(doorbellsPath)
ring.useDoorbells(doorbells)
ring.setDoorbells(ENGINE_BELL, 0)
ring.setReleaser('engine')

let frames = 0
const utilisation: number[] = []
const take = (report: EngineReport) => {
  if (report.type === 'results') frames += report.frames.length
  else if (report.type === 'stats' && report.npu) utilisation.push(report.npu.utilisation)
}
const fail = (fault: AgentError) => {
  throw fault
}
const engine = await EngineProcess.start(
  {
    type: 'start',
    detector: defaultOrder('hailo', { model, batchSize: batch }),
    doorbellsPath,
    doorbell: ENGINE_BELL,
    parentPid: process.ppid,
  },
  { send: take, backlog: () => 0, fail },
)
engine.attach({ type: 'attach', stream: 'clip', ringPath, detectFps: 1_000, weight: 1 })

// A writer waits for room where it runs: in a process of its own.
const file = fork(fileURLToPath(new URL('./endless-file-child.js', import.meta.url)), [doorbellsPath, ringPath])

await sleep(WARM_UP_MS)
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
utilisation.length = 0
const before = { frames, atMs: performance.now(), cpu: process.cpuUsage() }
await sleep(seconds * 1_000)
const tookMs = performance.now() - before.atMs
const { user, system } = process.cpuUsage(before.cpu)
delay.disable()
const inferred = frames - before.frames
const figures: NpuFigures = {
  framesPerSecond: (inferred / tookMs) * 1_000,
  cpuMsPerFrame: (user + system) / 1_000 / Math.max(1, inferred),
  loopDelayP99Ms: delay.percentile(99) / 1e6,
  utilisation: utilisation.reduce((sum, each) => sum + each, 0) / Math.max(1, utilisation.length),
}
file.disconnect()
await once(file, 'exit')
await engine.close()
ring.close()
doorbells.close()
rmSync(dir, { recursive: true })
process.stdout.write(`${JSON.stringify(figures)}\n`)
process.exit(0)
