import { writeFileSync } from 'node:fs'

/** A field of a protobuf message: a number, text, bytes, or another message. */
type Field = readonly [number: number, value: number | string | Uint8Array]

export interface TinyModel {
  /** What the output looks like; `other`: like neither. */
  readonly layout: 'yolox' | 'yolov8' | 'other'
  /** Of the three planes of the input, the one whose mean over a cell is that cell's score. */
  readonly scorePlane: 0 | 1 | 2
  /** 255 when the input's values are 0–255. */
  readonly fullScale: number
  readonly channels?: number
}

/** Side of the square input; anchors of strides 8, 16 and 32. */
const SIDE = 64
const CELLS = SIDE / 8
const ANCHORS = CELLS ** 2 + (CELLS / 2) ** 2 + (CELLS / 4) ** 2
/** Place and size, objectness, person, another class; without a class it is neither family's. */
const VALUES = { yolox: 7, yolov8: 6, other: 4 } as const
const FLOAT = 1
const INT64 = 7

/**
 * Writes an ONNX model that finds, in each cell of 8 pixels, a "person" of 16 × 32 pixels around the cell's centre, as surely as
 * one colour is bright there: enough to see whether colours, scale, place and layout are understood.
 */
export function writeTinyModel(path: string, { layout, scorePlane, fullScale, channels = 3 }: TinyModel): void {
  const values = VALUES[layout]
  const scoreRow = layout === 'yolox' ? 5 : 4
  const weights = new Float32Array(values * channels * 64)
  weights.fill(1 / (64 * fullScale), (scoreRow * channels + scorePlane) * 64, (scoreRow * channels + scorePlane + 1) * 64)
  const places = new Float32Array(values * ANCHORS)
  for (let anchor = 0; anchor < CELLS ** 2; anchor++) {
    const set = (row: number, value: number) => {
      places[row * ANCHORS + anchor] = value
    }
    // YOLOX counts in cells from its own; half a cell is the middle.
    set(0, layout === 'yolox' ? 0.5 : ((anchor % CELLS) + 0.5) * 8)
    set(1, layout === 'yolox' ? 0.5 : (Math.floor(anchor / CELLS) + 0.5) * 8)
    set(2, layout === 'yolox' ? Math.log(16 / 8) : 16)
    set(3, layout === 'yolox' ? Math.log(32 / 8) : 32)
    if (layout === 'yolox') set(4, 1)
  }
  const outputShape = layout === 'yolov8' ? [1, values, ANCHORS] : [1, ANCHORS, values]
  const last =
    layout === 'other' ? node('Softmax', ['placed'], 'output') : node('Transpose', ['placed'], 'output', [ints('perm', [0, 2, 1])])
  const graph = message([
    [1, node('Conv', ['images', 'weights'], 'cells', [ints('kernel_shape', [8, 8]), ints('strides', [8, 8])])],
    [1, node('Reshape', ['cells', 'flat'], 'rows')],
    [1, node('Concat', ['rows', 'rest'], 'all', [integer('axis', 2)])],
    [1, node('Add', ['all', 'places'], layout === 'yolov8' ? 'output' : 'placed')],
    ...(layout === 'yolov8' ? [] : [[1, last] as Field]),
    [2, 'tiny'],
    [5, tensor('weights', FLOAT, [values, channels, 8, 8], weights)],
    [5, tensor('flat', INT64, [3], BigInt64Array.from([1n, BigInt(values), BigInt(CELLS ** 2)]))],
    [5, tensor('rest', FLOAT, [1, values, ANCHORS - CELLS ** 2], new Float32Array(values * (ANCHORS - CELLS ** 2)))],
    [5, tensor('places', FLOAT, [1, values, ANCHORS], places)],
    [11, valueInfo('images', [1, channels, SIDE, SIDE])],
    [12, valueInfo('output', layout === 'other' ? [1, values, ANCHORS] : outputShape)],
  ])
  const opset = message([
    [1, ''],
    [2, 12],
  ])
  writeFileSync(
    path,
    message([
      [1, 7],
      [7, graph],
      [8, opset],
    ]),
  )
}

function node(type: string, inputs: readonly string[], output: string, attributes: readonly Uint8Array[] = []): Uint8Array {
  return message([...inputs.map((name) => [1, name] as Field), [2, output], [4, type], ...attributes.map((bytes) => [5, bytes] as Field)])
}

function ints(name: string, values: readonly number[]): Uint8Array {
  return message([[1, name], ...values.map((value) => [8, value] as Field), [20, 7]])
}

function integer(name: string, value: number): Uint8Array {
  return message([
    [1, name],
    [3, value],
    [20, 2],
  ])
}

function tensor(name: string, type: number, shape: readonly number[], values: Float32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return message([...shape.map((side) => [1, side] as Field), [2, type], [8, name], [9, bytes]])
}

function valueInfo(name: string, shape: readonly number[]): Uint8Array {
  const sides = message(shape.map((side) => [1, message([[1, side]])]))
  const type = message([
    [
      1,
      message([
        [1, FLOAT],
        [2, sides],
      ]),
    ],
  ])
  return message([
    [1, name],
    [2, type],
  ])
}

function message(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number << 3), varint(value)]
      const bytes = typeof value === 'string' ? Buffer.from(value) : value
      return [varint((number << 3) | 2), varint(bytes.length), bytes]
    }),
  )
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Uint8Array.from([...bytes, rest])
}
