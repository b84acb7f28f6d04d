import type { DetectorOrder, EngineOrder, EngineReport } from '../../agent/engine/messages.ts'
import { Child } from '../../agent/supervise/child.ts'
import type { Box } from '../../agent/tracking/track.ts'
import { CaptureRun } from '../capture/capture-run.ts'
import { dataFile } from '../support/data.ts'
import { eventually } from '../support/eventually.ts'
import { type Score, score, truthOf } from '../support/score.ts'
import { atLeast, atMost, type BenchRow } from './row.ts'

const ENGINE = new URL('../../agent/engine/child.js', import.meta.url)
const MODEL = 'models/yolox_nano.onnx'
const CLIP_LIMIT_MS = 900_000
const STREAM = 'clip'
const DOORBELL = 0

const CLIPS = {
  vtest: { name: 'vtest', file: 'vtest.avi', width: 768, height: 576 },
  'one-by-one': { name: 'one-by-one-person-detection', file: 'videos/one-by-one-person-detection.mp4', width: 768, height: 432 },
} as const

type Clip = keyof typeof CLIPS
type Figure = 'precision' | 'recall' | 'countMae' | 'exact'
type Limits = Partial<Record<Figure, number>>

const UNITS: Readonly<Record<Figure, string>> = { precision: '', recall: '', countMae: 'persons', exact: '' }
/** What the product promises of both clips with its own defaults. */
const LIMITS: Readonly<Record<'hog' | 'onnx', Record<Clip, Limits>>> = {
  hog: { vtest: { recall: 0.8, precision: 0.85, countMae: 0.9 }, 'one-by-one': { exact: 0.85 } },
  onnx: { vtest: { recall: 0.9, precision: 0.8, countMae: 0.6 }, 'one-by-one': { exact: 0.97, recall: 0.95, precision: 0.97 } },
}

/** Whole clips through capture, a lossless ring, engine and tracker, each as separate processes: how well counts and boxes agree with the truth. */
export async function benchAccuracy(): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const backend of ['hog', 'onnx'] as const)
    for (const clip of ['vtest', 'one-by-one'] as const) {
      const path = dataFile(CLIPS[clip].file)
      const model = backend === 'onnx' ? dataFile(MODEL) : null
      if (path === null || (backend === 'onnx' && model === null)) continue
      const { found, ms } = await tracksIn(path, clip, orderOf(backend, model))
      const result = score(truthOf(CLIPS[clip].name), found)
      rows.push(...rowsOf(`accuracy.${backend}.${clip}`, result, LIMITS[backend][clip]))
      rows.push({ metric: `accuracy.${backend}.${clip}.ms_per_frame`, value: ms / found.size, unit: 'ms' })
    }
  return rows
}

/** The confirmed tracks of every frame of a clip, by frame number from 0. */
async function tracksIn(path: string, clip: Clip, detector: DetectorOrder): Promise<{ found: Map<number, readonly Box[]>; ms: number }> {
  const { width, height } = CLIPS[clip]
  const startedMs = performance.now()
  const found = new Map<number, readonly Box[]>()
  let end: number | null = null
  let failed: string | null = null
  await using capture = new CaptureRun(
    { kind: 'file', path },
    { ring: { mode: 'lossless', maxWidth: width, maxHeight: height }, order: { pace: 'unthrottled', frame: { width, height, fps: 30 } } },
  )
  const { ring } = capture
  ring.setDoorbells(DOORBELL, DOORBELL + 1)
  ring.setReleaser('engine')
  await using engine = new Child<EngineOrder, EngineReport>(ENGINE, {
    onReport(report) {
      // Frames are numbered from 1 in a ring, from 0 in the truth.
      if (report.type === 'results')
        for (const { seq, tracks } of report.frames)
          found.set(
            seq - 1,
            tracks.filter(({ confirmed }) => confirmed),
          )
      if (report.type === 'ended') end = report.seq
      if (report.type === 'failed') failed = report.fault.message
    },
  })
  const doorbellsPath = capture.folder.file('doorbells')
  engine.send({ type: 'start', detector, doorbellsPath, doorbell: DOORBELL, parentPid: process.pid })
  engine.send({ type: 'attach', stream: STREAM, ringPath: ring.path, detectFps: 30, weight: 1 })
  await eventually(() => end !== null || failed !== null, { what: `${path} has ended`, withinMs: CLIP_LIMIT_MS, everyMs: 20 })
  if (failed !== null) throw new Error(failed)
  if (found.size !== (end ?? 0) - 1) throw new Error(`${path}: ${found.size} results of ${(end ?? 0) - 1} frames`)
  return { found, ms: performance.now() - startedMs }
}

function rowsOf(prefix: string, result: Score, limits: Limits): BenchRow[] {
  return (['precision', 'recall', 'countMae', 'exact'] as const).map((figure) => {
    const limit = limits[figure]
    const metric = `${prefix}.${figure}`
    const [value, unit] = [result[figure], UNITS[figure]]
    if (limit === undefined) return { metric, value, unit }
    return figure === 'countMae' ? atMost(metric, value, unit, limit) : atLeast(metric, value, unit, limit)
  })
}

/** The defaults of the configuration. */
function orderOf(backend: 'hog' | 'onnx', model: string | null): DetectorOrder {
  return {
    backend,
    model,
    hefFolders: [],
    devices: 'all',
    cpuFallback: false,
    scoreThreshold: 0.3,
    iouThreshold: 0.45,
    batchSize: 2,
    maxBatch: 16,
    hog: { people: 'auto', searchHeight: 'auto', stride: 8, scale: 1.05, hitThreshold: 'auto' },
    tracking: { buffer: 30, confirmFrames: 3 },
  }
}
