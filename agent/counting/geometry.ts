import type { Box } from '../tracking/track.ts'

/** A place in the picture: 0–1, origin top-left, y down. */
export type Point = readonly [x: number, y: number]

/**
 * What one body height of a person is in the picture, across and down. With it distances mean the same for people near and far and in
 * a picture of any shape, although x and y are both 0–1.
 */
export interface Scale {
  readonly across: number
  readonly down: number
}

/** From one point to another; the direction matters. */
export interface Segment {
  readonly from: Point
  readonly to: Point
}

const SMALLEST_SCALE = 0.005

/** Where a person stands: the middle of the lower edge of the box. */
export function footOf({ x1, x2, y2 }: Box): Point {
  return [(x1 + x2) / 2, y2]
}

/** The body height of whoever fills this box: a standing person is about twice as high as wide. */
export function scaleOf({ x1, y1, x2, y2 }: Box): Scale {
  return { across: Math.max(2 * (x2 - x1), SMALLEST_SCALE), down: Math.max(y2 - y1, SMALLEST_SCALE) }
}

/** How far two points lie apart, in body heights. */
export function distanceBetween([ax, ay]: Point, [bx, by]: Point, { across, down }: Scale): number {
  return length((bx - ax) / across, (by - ay) / down)
}

/**
 * How far `point` lies from the endless straight line through the segment, in body heights: positive on the + side of
 * cross(to − from, point − from), which is the left of the picture for a line drawn from top to bottom.
 */
export function distanceFromLine({ from, to }: Segment, point: Point, { across, down }: Scale): number {
  const alongX = (to[0] - from[0]) / across
  const alongY = (to[1] - from[1]) / down
  const cross = alongX * ((point[1] - from[1]) / down) - alongY * ((point[0] - from[0]) / across)
  return cross / length(alongX, alongY)
}

/** Whether the way from `start` to `end`, which lie on different sides of the line, passes between its ends (both belong to it). */
export function passesBetween({ from, to }: Segment, start: Point, end: Point): boolean {
  const wayX = end[0] - start[0]
  const wayY = end[1] - start[1]
  const sideOf = (point: Point) => wayX * (point[1] - start[1]) - wayY * (point[0] - start[0])
  const [a, b] = [sideOf(from), sideOf(to)]
  return (a >= 0 && b <= 0) || (a <= 0 && b >= 0)
}

/** Whether a point lies in a polygon (even-odd rule). Edges and corners belong to it: feet are often cut off at the picture's edge. */
export function isIn(polygon: readonly Point[], point: Point): boolean {
  return depthIn(polygon, point, { across: 1, down: 1 }) >= 0
}

/** How far a point lies inside a polygon, in body heights: the distance to the nearest edge, negative outside. */
export function depthIn(polygon: readonly Point[], point: Point, scale: Scale): number {
  let inside = false
  let nearest = Infinity
  let before = polygon.at(-1)
  for (const corner of polygon) {
    if (before !== undefined) {
      const isSpanned = corner[1] > point[1] !== before[1] > point[1]
      if (isSpanned && point[0] < corner[0] + ((before[0] - corner[0]) * (point[1] - corner[1])) / (before[1] - corner[1])) inside = !inside
      nearest = Math.min(nearest, distanceFromSegment(before, corner, point, scale))
    }
    before = corner
  }
  // An edge is as wide as rounding makes it.
  return nearest < 1e-9 ? 0 : inside ? nearest : -nearest
}

function distanceFromSegment(from: Point, to: Point, point: Point, { across, down }: Scale): number {
  const alongX = (to[0] - from[0]) / across
  const alongY = (to[1] - from[1]) / down
  const x = (point[0] - from[0]) / across
  const y = (point[1] - from[1]) / down
  const lengthSquared = alongX ** 2 + alongY ** 2
  const share = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, (x * alongX + y * alongY) / lengthSquared))
  return length(x - share * alongX, y - share * alongY)
}

/** Math.hypot guards against overflow, which costs more than all the rest here. */
function length(x: number, y: number): number {
  return Math.sqrt(x ** 2 + y ** 2)
}

/** Whether two lists name the same points. */
export function samePoints(a: readonly Point[], b: readonly Point[]): boolean {
  return a === b || (a.length === b.length && a.every(([x, y], index) => x === b[index]?.[0] && y === b[index]?.[1]))
}
