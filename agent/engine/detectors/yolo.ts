import { iou } from '../../tracking/boxes.ts'
import { type DetectedBox, PERSON } from '../../tracking/track.ts'

/** The two families of models; they differ in what they take and in what they answer. */
export type YoloKind = 'yolox' | 'yolov8'

export interface YoloOutput {
  readonly kind: YoloKind
  readonly input: { readonly width: number; readonly height: number }
  /** Numbers of an anchor: place and size, objectness (YOLOX), one score a class. */
  readonly values: number
  readonly anchors: number
}

/** Where the picture lies in the model's input, in its pixels. */
export interface PicturePlace {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Thresholds {
  readonly score: number
  /** Boxes that overlap a better one by more than this are the same person. */
  readonly iou: number
}

const STRIDES = [8, 16, 32]
const PLACE_VALUES = 4
/** Weakest first out, before the pairs are compared: a threshold of nearly nothing must not cost seconds. */
const MOST_CANDIDATES = 1_000

/** The family and layout of a model by the shape of its output, or null when it is neither. */
export function yoloOutput(shape: readonly number[], input: { readonly width: number; readonly height: number }): YoloOutput | null {
  const [batch, rows = 0, columns = 0] = shape
  if (shape.length !== 3 || batch !== 1) return null
  const anchors = STRIDES.reduce((sum, stride) => sum + Math.floor(input.width / stride) * Math.floor(input.height / stride), 0)
  if (rows === anchors && columns > PLACE_VALUES + 1) return { kind: 'yolox', input, values: columns, anchors }
  if (columns === anchors && rows > PLACE_VALUES) return { kind: 'yolov8', input, values: rows, anchors }
  return null
}

/** The persons in a model's output, 0–1 of the picture, each once, strongest first. */
export function personsIn(output: YoloOutput, values: Float32Array, place: PicturePlace, thresholds: Thresholds): DetectedBox[] {
  const decode = output.kind === 'yolox' ? decodeYolox : decodeYolov8
  const candidates = decode(output, values, thresholds.score).sort((a, b) => b.score - a.score)
  const inPicture = candidates.slice(0, MOST_CANDIDATES).flatMap((box) => boxInPicture(box, place))
  return withoutRepeats(inPicture, thresholds.iou)
}

/** Centre and size in pixels of the input. */
interface Candidate {
  readonly cx: number
  readonly cy: number
  readonly width: number
  readonly height: number
  readonly score: number
}

/** Anchors one after the other, as the last layer gives them: place and size still relative to the cell of their grid. */
function decodeYolox({ input, values: step }: YoloOutput, values: Float32Array, least: number): Candidate[] {
  const found: Candidate[] = []
  let at = 0
  for (const stride of STRIDES) {
    const columns = Math.floor(input.width / stride)
    const rows = Math.floor(input.height / stride)
    for (let cell = 0; cell < columns * rows; cell++, at += step) {
      // Nearly all cells end here: no view is made of them.
      const score = (values[at + PLACE_VALUES] ?? 0) * (values[at + PLACE_VALUES + 1 + PERSON] ?? 0)
      if (!(score >= least)) continue
      const [dx = 0, dy = 0, logWidth = 0, logHeight = 0] = values.subarray(at, at + PLACE_VALUES)
      const cx = (dx + (cell % columns)) * stride
      const cy = (dy + Math.floor(cell / columns)) * stride
      found.push({ cx, cy, width: Math.exp(logWidth) * stride, height: Math.exp(logHeight) * stride, score })
    }
  }
  return found
}

/** One row a value, all anchors in it, in pixels of the input already. */
function decodeYolov8({ anchors }: YoloOutput, values: Float32Array, least: number): Candidate[] {
  const row = (index: number) => values.subarray(index * anchors, (index + 1) * anchors)
  const [cx, cy, width, height] = [row(0), row(1), row(2), row(3)]
  const found: Candidate[] = []
  const scores = row(PLACE_VALUES + PERSON)
  for (let anchor = 0; anchor < anchors; anchor++) {
    const score = scores[anchor] ?? 0
    if (!(score >= least)) continue
    found.push({ cx: cx[anchor] ?? 0, cy: cy[anchor] ?? 0, width: width[anchor] ?? 0, height: height[anchor] ?? 0, score })
  }
  return found
}

/** None for a box outside the picture, or one that a broken model left infinite. */
function boxInPicture({ cx, cy, width, height, score }: Candidate, place: PicturePlace): DetectedBox[] {
  const share = (pixels: number, start: number, size: number) => Math.min(1, Math.max(0, (pixels - start) / size))
  const x1 = share(cx - width / 2, place.x, place.width)
  const x2 = share(cx + width / 2, place.x, place.width)
  const y1 = share(cy - height / 2, place.y, place.height)
  const y2 = share(cy + height / 2, place.y, place.height)
  return x1 < x2 && y1 < y2 ? [{ x1, y1, x2, y2, score: Math.min(1, score), classId: PERSON }] : []
}

function withoutRepeats(strongestFirst: readonly DetectedBox[], mostIou: number): DetectedBox[] {
  const kept: DetectedBox[] = []
  for (const box of strongestFirst) if (kept.every((better) => iou(better, box) <= mostIou)) kept.push(box)
  return kept
}
