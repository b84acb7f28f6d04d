import { findPlaces } from '../../agent/config/places.ts'
import { streamSchema } from '../../agent/config/stream-schema.ts'
import type { DetectorOrder } from '../../agent/engine/messages.ts'
import { type CountedFrames, countClip } from '../../agent/eval/count-clip.ts'
import type { TrueCrossings } from '../../agent/eval/crossings-truth.ts'
import { expectedAt, lineOf } from '../../agent/eval/lines.ts'
import type { EvalReport } from '../../agent/eval/report.ts'
import { scoreClip } from '../../agent/eval/score.ts'
import type { TrueFrame } from '../../agent/eval/truth.ts'
import { copyStart } from '../eval/clip-start.ts'
import { EvalFolder } from '../eval/headcount-eval.ts'
import { dataFile } from '../support/data.ts'
import { defaultOrder } from '../support/default-order.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { trueCrossingsOf, truthOf } from '../support/truth.ts'
import { atLeast, atMost, type BenchRow } from './row.ts'

const MODEL = 'models/yolox_nano.onnx'
/** The sign that the model takes for somebody. */
const SIGN = {
  exclude: [
    [
      [0.02, 0.22],
      [0.08, 0.22],
      [0.08, 0.28],
      [0.02, 0.28],
    ],
  ],
}

const CLIPS = {
  vtest: { name: 'vtest', file: 'vtest.avi', width: 768, height: 576 },
  'one-by-one': { name: 'one-by-one-person-detection', file: 'videos/one-by-one-person-detection.mp4', width: 768, height: 432 },
} as const

type Clip = keyof typeof CLIPS
type Score = Omit<EvalReport, 'fps' | 'detector'>
type Limit = readonly [goal: 'atLeast' | 'atMost', limit: number]
type Figure = 'precision' | 'recall' | 'countMae' | 'exact' | 'publishedMae' | 'publishedDelayMs' | 'flicker' | 'idSwitches' | 'lineOff'
type Limits = Partial<Record<Figure, Limit>>

const UNITS: Partial<Record<Figure, string>> = {
  countMae: 'persons',
  publishedMae: 'persons',
  publishedDelayMs: 'ms',
  flicker: 'changes a true one',
  lineOff: 'crossings',
}
/** A published count changes hardly more often than the true one. */
const STEADY: Limits = { flicker: ['atMost', 1.5] }
/** In a busy street one more or less each way. */
const NEARLY: Limits = { lineOff: ['atMost', 1] }
const EXACTLY: Limits = { lineOff: ['atMost', 0] }
/** What the product promises of both clips with its own defaults. */
const LIMITS: Readonly<Record<'hog' | 'onnx', Record<Clip, Limits>>> = {
  hog: {
    vtest: { ...STEADY, recall: ['atLeast', 0.8], precision: ['atLeast', 0.85], countMae: ['atMost', 0.9] },
    'one-by-one': { ...STEADY, ...EXACTLY, exact: ['atLeast', 0.85] },
  },
  onnx: {
    vtest: { ...STEADY, ...NEARLY, recall: ['atLeast', 0.9], precision: ['atLeast', 0.8], countMae: ['atMost', 0.6] },
    'one-by-one': { ...STEADY, ...EXACTLY, exact: ['atLeast', 0.97], recall: ['atLeast', 0.95], precision: ['atLeast', 0.97] },
  },
}
const SIGN_LIMITS: Limits = { ...STEADY, ...NEARLY, precision: ['atLeast', 0.94], countMae: ['atMost', 0.35] }

/** Of a model of the Model Zoo, and the ring's own: nothing is lost in a letterbox then. */
const NPU_INPUTS = { letterboxed: { width: 640, height: 640 }, unscaled: { width: CLIPS.vtest.width, height: CLIPS.vtest.height } }
const WITHIN_ONE = 0.95

/** A clip of the test data and what is known of it. */
interface KnownClip {
  readonly path: string
  readonly truth: readonly TrueFrame[]
  readonly crossings: TrueCrossings
}

/** So many are enough to tell that the NPU's way sees what the CPU's does. */
const NPU_FRAMES = 300

/** Whole clips as `headcount eval` counts them: how well boxes, counts and crossings agree with the truth. */
export async function benchAccuracy(): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const backend of ['hog', 'onnx'] as const)
    for (const name of ['vtest', 'one-by-one'] as const) {
      const model = backend === 'onnx' ? dataFile(MODEL) : null
      const clip = backend === 'onnx' && model === null ? null : knownClip(name)
      if (clip === null) continue
      const detector = defaultOrder(backend, { model })
      const counted = await count(clip, detector)
      rows.push(...rowsOf(`accuracy.${backend}.${name}`, score(clip, counted), LIMITS[backend][name]))
      rows.push({ metric: `accuracy.${backend}.${name}.ms_per_frame`, value: 1_000 / counted.fps, unit: 'ms' })
      if (name !== 'vtest') continue
      if (backend === 'hog') rows.push(...(await simulatedNpuRows(clip, counted)))
      else rows.push(...rowsOf('accuracy.onnx.vtest_without_sign', score(clip, await count(clip, detector, SIGN)), SIGN_LIMITS))
    }
  return rows
}

/** The simulated NPU sees with HOG as well, through the letterbox of its input: how often its count is that of the `hog` backend, or one beside it. */
async function simulatedNpuRows(clip: KnownClip, hog: CountedFrames): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  await using npu = await SimulatedNpu.make()
  using folder = new EvalFolder()
  const start = await startOf(clip, folder.file('start.mkv'), NPU_FRAMES)
  for (const [name, size] of Object.entries(NPU_INPUTS)) {
    const input = { name: `${name}/input_layer1`, ...size }
    const model = await npu.hef(name, { input, detector: { kind: 'hog' } })
    const counted = await count(start, defaultOrder('hailo', { model }), {}, { ...process.env, ...npu.env })
    const near = counted.frames.filter(
      ({ people }, index) => Math.abs(people.length - (hog.frames[index]?.people.length ?? Number.NaN)) <= 1,
    )
    rows.push(atLeast(`accuracy.npu.${name}.vtest.within_1_of_hog`, near.length / counted.frames.length, '(simulated NPU)', WITHIN_ONE))
    rows.push(...rowsOf(`accuracy.npu.${name}.vtest`, score(start, counted), {}))
  }
  return rows
}

/** The first frames of a clip, and what is known of them. */
async function startOf({ path, truth, crossings }: KnownClip, start: string, frames: number): Promise<KnownClip> {
  await copyStart(path, start, frames)
  const events = crossings.events?.filter(({ frame }) => frame < frames) ?? []
  const [right, left] = (['right', 'left'] as const).map((wanted) => events.filter(({ way }) => way === wanted).length)
  return { path: start, truth: truth.slice(0, frames), crossings: { ...crossings, events, right: right ?? 0, left: left ?? 0 } }
}

/** What lies on this machine of a clip; null, and said, when something of it is missing. */
function knownClip(name: Clip): KnownClip | null {
  const path = dataFile(CLIPS[name].file)
  const truth = path === null ? null : truthOf(CLIPS[name].name)
  const crossings = truth && trueCrossingsOf(CLIPS[name].name)
  return path === null || truth === null || crossings === null ? null : { path, truth, crossings }
}

async function count({ path, crossings }: KnownClip, detector: DetectorOrder, view = {}, env: NodeJS.ProcessEnv = process.env) {
  const stream = streamSchema.parse({ id: 'clip', source: 'test', ...view })
  const { cacheDir } = findPlaces(process.env)
  const onNote = (text: string) => process.stderr.write(`${text}\n`)
  return countClip({ path, detector, stream, lines: [lineOf(crossings)], cacheDir, env, onNote, signal: new AbortController().signal })
}

function score({ truth, crossings: told }: KnownClip, { frames, crossings }: CountedFrames): Score {
  const line = lineOf(told)
  const expected = new Map([[line.id, expectedAt(line, told, frames)]])
  return scoreClip({ truth, frames, crossings, lines: [line], expected })
}

function figuresOf(result: Score): Record<Figure, number> {
  const { publishedChangesPerMinute, trueChangesPerMinute, crossings } = result
  const known = (value: number | null) => value ?? Number.NaN
  const off = Object.values(crossings).map((line) =>
    Math.max(Math.abs(line.in - known(line.expectedIn)), Math.abs(line.out - known(line.expectedOut))),
  )
  return {
    precision: known(result.precision),
    recall: known(result.recall),
    countMae: known(result.countMae),
    exact: known(result.exact),
    publishedMae: known(result.publishedMae),
    publishedDelayMs: known(result.publishedDelayMs),
    flicker: known(publishedChangesPerMinute) / known(trueChangesPerMinute),
    idSwitches: known(result.idSwitches),
    lineOff: Math.max(...off),
  }
}

function rowsOf(prefix: string, result: Score, limits: Limits): BenchRow[] {
  return Object.entries(figuresOf(result)).map(([name, value]) => {
    const limit = limits[name as Figure]
    const [metric, unit] = [`${prefix}.${name}`, UNITS[name as Figure] ?? '']
    if (limit === undefined) return { metric, value, unit }
    const [goal, at] = limit
    return goal === 'atMost' ? atMost(metric, value, unit, at) : atLeast(metric, value, unit, at)
  })
}
