import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { depthIn, distanceFromLine, footOf, isIn, type Point, passesBetween, scaleOf } from '../../agent/counting/geometry.ts'
import { randomFrom } from '../tracking/random.ts'

const ONE = { across: 1, down: 1 }
const SQUARE: Point[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
]
/** An L: the upper right quarter is missing. */
const CORNER: Point[] = [
  [0, 0],
  [0.5, 0],
  [0.5, 0.5],
  [1, 0.5],
  [1, 1],
  [0, 1],
]

const close = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is ${expected}`)

const test = suite('geometry')

test('somebody stands where the lower edge of the box has its middle', () => {
  const [x, y] = footOf({ x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.8 })
  close(x, 0.2)
  close(y, 0.8)
})

test('a body is as high as its box, and half as wide', () => {
  const { across, down } = scaleOf({ x1: 0.1, y1: 0.2, x2: 0.2, y2: 0.6 })
  close(across, 0.2)
  close(down, 0.4)
  assert.ok(scaleOf({ x1: 0.1, y1: 0.2, x2: 0.1, y2: 0.2 }).down > 0, 'an empty box has a size all the same')
})

test('edges and corners belong to a polygon, so feet cut off at the edge of the picture are in', () => {
  for (const corner of SQUARE) assert.ok(isIn(SQUARE, corner))
  for (const point of [
    [0.4, 0.2],
    [0.6, 0.4],
    [0.4, 0.6],
    [0.2, 0.4],
    [0.4, 0.4],
  ] as Point[])
    assert.ok(isIn(SQUARE, point), point.join(', '))
  for (const point of [
    [0.4, 0.61],
    [0.19, 0.4],
    [0.7, 0.6],
    [0.1, 0.2],
  ] as Point[])
    assert.not(isIn(SQUARE, point), point.join(', '))
})

test('a polygon may have bays', () => {
  assert.ok(isIn(CORNER, [0.3, 0.3]))
  assert.not(isIn(CORNER, [0.7, 0.3]))
  assert.ok(isIn(CORNER, [0.7, 0.7]))
})

test('the way round in which a polygon is drawn does not matter', () => {
  const random = randomFrom(21)
  for (let round = 0; round < 500; round++) {
    const point: Point = [random(), random()]
    assert.is(isIn(CORNER, point), isIn(CORNER.toReversed(), point))
    assert.is(isIn(CORNER, point), point[0] <= 0.5 || point[1] >= 0.5)
  }
})

test('depth is the way to the nearest edge in body heights, negative outside', () => {
  close(depthIn(SQUARE, [0.4, 0.3], ONE), 0.1)
  close(depthIn(SQUARE, [0.4, 0.7], ONE), -0.1)
  close(depthIn(SQUARE, [0.4, 0.7], { across: 0.2, down: 0.4 }), -0.25)
  close(depthIn(SQUARE, [0.9, 1], { across: 0.1, down: 0.1 }), -5)
})

test('left of a line drawn downwards is its + side', () => {
  const line = { from: [0.8, 0], to: [0.8, 1] } as const
  close(distanceFromLine(line, [0.7, 0.5], ONE), 0.1)
  close(distanceFromLine(line, [0.9, 0.5], ONE), -0.1)
  close(distanceFromLine(line, [0.9, 0.5], { across: 0.2, down: 0.4 }), -0.5)
})

test('distance has the sign of cross(to − from, point − from), however large people are', () => {
  const random = randomFrom(22)
  for (let round = 0; round < 1_000; round++) {
    const [from, to, point] = [0, 1, 2].map((): Point => [random(), random()]) as [Point, Point, Point]
    const cross = (to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0])
    const scale = { across: 0.01 + random(), down: 0.01 + random() }
    assert.is(Math.sign(distanceFromLine({ from, to }, point, scale)), Math.sign(cross))
  }
})

test('a way passes between the ends of a line, or beside them', () => {
  const line = { from: [0.5, 0.2], to: [0.5, 0.6] } as const
  assert.ok(passesBetween(line, [0.4, 0.4], [0.6, 0.4]))
  assert.ok(passesBetween(line, [0.6, 0.4], [0.4, 0.4]))
  assert.ok(passesBetween(line, [0.4, 0.2], [0.6, 0.2]), 'an end belongs to it')
  assert.not(passesBetween(line, [0.4, 0.7], [0.6, 0.7]))
  assert.not(passesBetween(line, [0.4, 0.1], [0.6, 0.1]))
  assert.not(passesBetween(line, [0.4, 0.5], [0.6, 0.9]))
})

test.run()
