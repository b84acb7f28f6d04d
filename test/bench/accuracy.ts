import type { Box } from '../../agent/tracking/track.ts'
import { dataFile } from '../support/data.ts'
import { defaultOrder } from '../support/default-order.ts'
import { type Score, score, truthOf } from '../support/score.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { tracksIn } from './clip-tracks.ts'
import { atLeast, atMost, type BenchRow } from './row.ts'

const MODEL = 'models/yolox_nano.onnx'

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

/** Of a model of the Model Zoo, and the ring's own: nothing is lost in a letterbox then. */
const NPU_INPUTS = { letterboxed: { width: 640, height: 640 }, unscaled: { width: CLIPS.vtest.width, height: CLIPS.vtest.height } }
const WITHIN_ONE = 0.95

/** Whole clips through capture, a lossless ring, engine and tracker, each as separate processes: how well counts and boxes agree with the truth. */
export async function benchAccuracy(): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const backend of ['hog', 'onnx'] as const)
    for (const clip of ['vtest', 'one-by-one'] as const) {
      const path = dataFile(CLIPS[clip].file)
      const model = backend === 'onnx' ? dataFile(MODEL) : null
      if (path === null || (backend === 'onnx' && model === null)) continue
      const { found, ms } = await tracksIn(path, CLIPS[clip], defaultOrder(backend, { model }))
      const result = score(truthOf(CLIPS[clip].name), found)
      rows.push(...rowsOf(`accuracy.${backend}.${clip}`, result, LIMITS[backend][clip]))
      rows.push({ metric: `accuracy.${backend}.${clip}.ms_per_frame`, value: ms / found.size, unit: 'ms' })
      if (backend === 'hog' && clip === 'vtest') rows.push(...(await simulatedNpuRows(path, found)))
    }
  return rows
}

/** The simulated NPU sees with HOG as well, through the letterbox of its input: how often its count is that of the `hog` backend, or one beside it. */
async function simulatedNpuRows(path: string, hog: ReadonlyMap<number, readonly Box[]>): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  await using npu = await SimulatedNpu.make()
  for (const [name, size] of Object.entries(NPU_INPUTS)) {
    const input = { name: `${name}/input_layer1`, ...size }
    const model = await npu.hef(name, { input, detector: { kind: 'hog' } })
    const { found } = await tracksIn(path, CLIPS.vtest, defaultOrder('hailo', { model }), npu.env)
    const near = [...found].filter(([frame, boxes]) => Math.abs(boxes.length - (hog.get(frame)?.length ?? Number.NaN)) <= 1)
    rows.push(atLeast(`accuracy.npu.${name}.vtest.within_1_of_hog`, near.length / found.size, '(simulated NPU)', WITHIN_ONE))
    rows.push(...rowsOf(`accuracy.npu.${name}.vtest`, score(truthOf(CLIPS.vtest.name), found), {}))
  }
  return rows
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
