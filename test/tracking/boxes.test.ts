import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inPicture, iou, isInView, mayBePartOf, usableBoxes } from '../../agent/tracking/boxes.ts'

const box = (x1: number, y1: number, x2: number, y2: number, score = 0.9, classId = 0) => ({ x1, y1, x2, y2, score, classId })

const test = suite('boxes')

test('measures overlap by union', () => {
  assert.is(iou(box(0, 0, 1, 1), box(0, 0, 1, 1)), 1)
  assert.is(iou(box(0, 0, 0.5, 1), box(0.5, 0, 1, 1)), 0)
  assert.ok(Math.abs(iou(box(0, 0, 0.2, 0.2), box(0.1, 0, 0.3, 0.2)) - 1 / 3) < 1e-9)
})

test('a box is a part of another when it is shorter and enough of it lies inside', () => {
  const whole = box(0.4, 0.1, 0.6, 0.9)
  assert.ok(mayBePartOf(box(0.5, 0.05, 0.64, 0.5), whole))
  assert.not(mayBePartOf(box(0.57, 0.05, 0.71, 0.5), whole), 'beside it')
  assert.not(mayBePartOf(box(0.45, 0.15, 0.6, 0.85), whole), 'as tall')
  assert.not(mayBePartOf(box(0.7, 0.1, 0.8, 0.3), whole))
})

test('leaves out what is no box: not a number, inside out, empty, outside, larger than any picture', () => {
  const garbage = [
    box(NaN, 0, 1, 1),
    box(0, 0, Infinity, 1),
    box(0.5, 0.1, 0.4, 0.5),
    box(0.2, 0.2, 0.2, 0.4),
    box(1.2, 0.2, 1.4, 0.4),
    box(-3, -3, 4, 4),
    box(0.1, 0.1, 0.2, 0.4, NaN),
    box(0.1, 0.1, 0.2, 0.4, 0.9, 0.5),
    box(0.1, 0.1, 0.2, 0.4, 0.2),
  ]
  assert.equal(usableBoxes(garbage, 0.3), [])
})

test('keeps a box that reaches out of the picture, as somebody walks in', () => {
  assert.is(usableBoxes([box(-0.05, 0.2, 0.08, 0.6)], 0.3).length, 1)
})

test('keeps the best 128', () => {
  const many = Array.from({ length: 500 }, (_, index) => box(0.1, 0.1, 0.2, 0.3, 0.3 + index / 1_000))
  const kept = usableBoxes(many, 0.3)
  assert.is(kept.length, 128)
  assert.is(kept[0], many[499])
})

test('cuts a box at the edge and says when its middle has left', () => {
  assert.equal(inPicture(box(-0.1, 0.2, 0.1, 1.2)), box(0, 0.2, 0.1, 1))
  assert.is(isInView(box(-0.1, 0.2, 0.05, 0.4)), false)
})

test.run()
