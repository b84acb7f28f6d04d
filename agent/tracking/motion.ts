import { type Axis, correctAxis, predictAxis, startAxis } from './kalman.ts'
import type { Box } from './track.ts'

/** Where a box is and how it moves: centre, width and height, each at nearly constant velocity. */
export interface Motion {
  readonly x: Axis
  readonly y: Axis
  readonly width: Axis
  readonly height: Axis
}

// All figures are in body heights. A standing person is about twice as high as wide: with 2 × width as the measure across,
// the same figures hold in a picture of any shape, although x and y are both 0–1.
const PLACE_STD = 0.06
const SIZE_STD = 0.1
const WALK_STD_PER_S = 0.9
const GROWTH_STD_PER_S = 0.1
const PLACE_RESTLESSNESS = 0.4
const SIZE_RESTLESSNESS = 0.02
const SMALLEST = 0.005

function scalesOf(motion: Motion): { across: number; down: number } {
  return { across: Math.max(2 * motion.width.position, SMALLEST), down: Math.max(motion.height.position, SMALLEST) }
}

/** The motion of a box seen for the first time. */
export function startMotion({ x1, y1, x2, y2 }: Box): Motion {
  const across = Math.max(2 * (x2 - x1), SMALLEST)
  const down = Math.max(y2 - y1, SMALLEST)
  return {
    x: startAxis((x1 + x2) / 2, PLACE_STD * across, WALK_STD_PER_S * across),
    y: startAxis((y1 + y2) / 2, PLACE_STD * down, WALK_STD_PER_S * down),
    width: startAxis(x2 - x1, SIZE_STD * across, GROWTH_STD_PER_S * across),
    height: startAxis(y2 - y1, SIZE_STD * down, GROWTH_STD_PER_S * down),
  }
}

/** The motion `seconds` later. */
export function predictMotion(motion: Motion, seconds: number): Motion {
  const { across, down } = scalesOf(motion)
  return {
    x: predictAxis(motion.x, seconds, PLACE_RESTLESSNESS * across ** 2),
    y: predictAxis(motion.y, seconds, PLACE_RESTLESSNESS * down ** 2),
    width: predictAxis(motion.width, seconds, SIZE_RESTLESSNESS * across ** 2),
    height: predictAxis(motion.height, seconds, SIZE_RESTLESSNESS * down ** 2),
  }
}

/** The motion after a detection. */
export function correctMotion(motion: Motion, { x1, y1, x2, y2 }: Box): Motion {
  const { across, down } = scalesOf(motion)
  return {
    x: correctAxis(motion.x, (x1 + x2) / 2, PLACE_STD * across),
    y: correctAxis(motion.y, (y1 + y2) / 2, PLACE_STD * down),
    width: correctAxis(motion.width, x2 - x1, SIZE_STD * across),
    height: correctAxis(motion.height, y2 - y1, SIZE_STD * down),
  }
}

/** Unseen, a box keeps its way but not its growth: half-hidden people would shrink to nothing or fill the picture. */
export function stopGrowth(motion: Motion): Motion {
  return { ...motion, width: { ...motion.width, velocity: 0 }, height: { ...motion.height, velocity: 0 } }
}

/** The box of a motion; it may reach out of the picture. */
export function boxOf({ x, y, width, height }: Motion): Box {
  const halfWidth = Math.max(width.position, SMALLEST) / 2
  const halfHeight = Math.max(height.position, SMALLEST) / 2
  return { x1: x.position - halfWidth, y1: y.position - halfHeight, x2: x.position + halfWidth, y2: y.position + halfHeight }
}

/** Distance of a box's centre from where it is expected, in standard deviations, which are no larger than `longest` body heights. */
export function surpriseOf(motion: Motion, { x1, y1, x2, y2 }: Box, longest: number): number {
  const { across, down } = scalesOf(motion)
  const dx = (x1 + x2) / 2 - motion.x.position
  const dy = (y1 + y2) / 2 - motion.y.position
  const varianceX = Math.min(motion.x.positionVariance + (PLACE_STD * across) ** 2, (longest * across) ** 2)
  const varianceY = Math.min(motion.y.positionVariance + (PLACE_STD * down) ** 2, (longest * down) ** 2)
  return Math.sqrt(dx ** 2 / varianceX + dy ** 2 / varianceY)
}
