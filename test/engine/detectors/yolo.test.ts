import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { personsIn, yoloOutput } from '../../../agent/engine/detectors/yolo.ts'

const input = { width: 64, height: 32 }
/** Of strides 8, 16, 32: 8 × 4, 4 × 2, 2 × 1. */
const ANCHORS = 42
const WHOLE = { x: 0, y: 0, width: 64, height: 32 }
const THRESHOLDS = { score: 0.3, iou: 0.45 }

/** YOLOv8's layout: all anchors of a value in a row. */
function yolov8(...anchors: { cx: number; cy: number; w: number; h: number; score: number }[]) {
  const values = new Float32Array(6 * ANCHORS)
  for (const [anchor, { cx, cy, w, h, score }] of anchors.entries())
    for (const [row, value] of [cx, cy, w, h, score].entries()) values[row * ANCHORS + anchor] = value
  const output = yoloOutput([1, 6, ANCHORS], input)
  if (output === null) throw new Error('not recognised')
  return { output, values }
}

const test = suite('yolo')

test('families are told apart by their shapes, for any size of input', () => {
  assert.is(yoloOutput([1, 3549, 85], { width: 416, height: 416 })?.kind, 'yolox')
  assert.is(yoloOutput([1, 84, 3549], { width: 416, height: 416 })?.kind, 'yolov8')
  assert.is(yoloOutput([1, 5, 8400], { width: 640, height: 640 })?.kind, 'yolov8')
  for (const strange of [[1, 25_200, 85], [1, 1000], [2, 84, 3549], [], [1, 4, 3549]]) {
    assert.is(yoloOutput(strange, { width: 416, height: 416 }), null)
  }
})

test('a YOLOX box counts from its cell, in steps of its grid', () => {
  const output = yoloOutput([1, ANCHORS, 7], input)
  if (output === null) throw new Error('not recognised')
  const values = new Float32Array(7 * ANCHORS)
  // Second grid (stride 16, 4 columns): cell 5 is column 1 of row 1.
  values.set([0.25, 0.5, Math.log(0.5), Math.log(1), 0.8, 0.5, 1], (32 + 5) * 7)
  const [box, ...others] = personsIn(output, values, WHOLE, THRESHOLDS)
  assert.is(others.length, 0)
  assert.ok(Math.abs((box?.score ?? 0) - 0.4) < 1e-6)
  const corners = [box?.x1, box?.x2, box?.y1, box?.y2].map((side) => Number(side?.toFixed(6)))
  assert.equal(corners, [16 / 64, 24 / 64, 16 / 32, 32 / 32])
})

test('boxes are shares of the picture, not of the grey around it, and are cut at its edges', () => {
  const { output, values } = yolov8({ cx: 16, cy: 8, w: 16, h: 16, score: 0.9 })
  const [box] = personsIn(output, values, { x: 8, y: 8, width: 48, height: 16 }, THRESHOLDS)
  assert.equal([box?.x1, box?.x2, box?.y1, box?.y2], [0, 16 / 48, 0, 8 / 16])
})

test('of boxes on one person the best is kept; neighbours stay', () => {
  const { output, values } = yolov8(
    { cx: 10, cy: 16, w: 8, h: 24, score: 0.6 },
    { cx: 11, cy: 16, w: 8, h: 24, score: 0.9 },
    { cx: 30, cy: 16, w: 8, h: 24, score: 0.4 },
  )
  assert.equal(
    personsIn(output, values, WHOLE, THRESHOLDS).map(({ score }) => Number(score.toFixed(1))),
    [0.9, 0.4],
  )
})

test('weak boxes, other classes, empty and broken boxes are nobody', () => {
  const { output, values } = yolov8(
    { cx: 10, cy: 16, w: 8, h: 24, score: 0.29 },
    { cx: 10, cy: 16, w: 0, h: 24, score: 0.9 },
    { cx: Number.NaN, cy: 16, w: 8, h: 24, score: 0.9 },
    { cx: 30, cy: 16, w: 8, h: 24, score: Number.NaN },
    { cx: -500, cy: 16, w: 8, h: 24, score: 0.9 },
  )
  values[5 * ANCHORS + 20] = 1
  assert.equal(personsIn(output, values, WHOLE, THRESHOLDS), [])
})

test.run()
