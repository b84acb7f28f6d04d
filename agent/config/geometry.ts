import type { Problem } from './problem.ts'

type Point = readonly [number, number]

/** What makes a polygon useless as a place in the picture, or null. */
export function polygonProblem(points: readonly Point[]): Problem | null {
  if (points.length < 3) return null // Said already.
  if (Math.abs(doubleArea(points)) < 1e-6) {
    return {
      problem: 'has no area: its points lie on one line',
      remedy: 'Write the corners of the area in order, as fractions 0 to 1 of the picture.',
    }
  }
  if (crossesItself(points)) {
    return { problem: 'crosses itself', remedy: 'Write the corners in the order in which one walks around the area.' }
  }
  return null
}

function doubleArea(points: readonly Point[]): number {
  return edges(points).reduce((sum, [a, b]) => sum + a[0] * b[1] - b[0] * a[1], 0)
}

function edges(points: readonly Point[]): [Point, Point][] {
  return points.map((point, index) => [point, points[(index + 1) % points.length] ?? point])
}

function crossesItself(points: readonly Point[]): boolean {
  const all = edges(points)
  return all.some(([a, b], first) => all.slice(first + 1).some(([c, d]) => properlyCross(a, b, c, d)))
}

/** True where the inner parts of two segments cross; touching ends are allowed. */
function properlyCross(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
}

function side(from: Point, to: Point, point: Point): number {
  return Math.sign((to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0]))
}
