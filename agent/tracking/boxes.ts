import type { Box, DetectedBox } from './track.ts'

/** Overlap ÷ union of two boxes, 0–1. */
export function iou(a: Box, b: Box): number {
  const overlap = overlapOf(a, b)
  return overlap > 0 ? overlap / (areaOf(a) + areaOf(b) - overlap) : 0
}

/** A box this much shorter than another … */
const PART_HEIGHT = 0.8
/** … with this share of it inside the other may be a part of the same body. */
const PART_INSIDE = 0.4

/** True when a box may be head and chest, say, of somebody whose whole body is the other box. */
export function mayBePartOf(box: Box, whole: Box): boolean {
  return box.y2 - box.y1 < PART_HEIGHT * (whole.y2 - whole.y1) && overlapOf(box, whole) > PART_INSIDE * areaOf(box)
}

function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  return width > 0 && height > 0 ? width * height : 0
}

/** The part of a box that lies in the picture. */
export function inPicture<B extends Box>(box: B): B {
  return { ...box, x1: clamp(box.x1), y1: clamp(box.y1), x2: clamp(box.x2), y2: clamp(box.y2) }
}

/** True while the middle of a box is inside the picture. */
export function isInView({ x1, y1, x2, y2 }: Box): boolean {
  const x = (x1 + x2) / 2
  const y = (y1 + y2) / 2
  return x > 0 && x < 1 && y > 0 && y < 1
}

/** The most boxes one frame may bring: as many as a result block holds. */
const MOST_BOXES = 128
const SMALLEST_SIDE = 0.002

/**
 * The boxes one can work with, best first: what is not a number, turned inside out, empty or outside the picture is left out. The
 * order depends on the boxes alone, so that the order in which a detector lists them changes nothing.
 */
export function usableBoxes(boxes: readonly DetectedBox[], lowestScore: number): DetectedBox[] {
  return boxes
    .filter((box) => isUsable(box) && box.score >= lowestScore)
    .sort(compareBoxes)
    .slice(0, MOST_BOXES)
}

function isUsable(box: DetectedBox): boolean {
  const { x1, y1, x2, y2, score, classId } = box
  if (![x1, y1, x2, y2, score].every(Number.isFinite) || !Number.isInteger(classId)) return false
  return x2 - x1 >= SMALLEST_SIDE && y2 - y1 >= SMALLEST_SIDE && x2 - x1 <= 1.5 && y2 - y1 <= 1.5 && isInView(inPicture(box))
}

function compareBoxes(a: DetectedBox, b: DetectedBox): number {
  return b.score - a.score || a.x1 - b.x1 || a.y1 - b.y1 || a.x2 - b.x2 || a.y2 - b.y2 || a.classId - b.classId
}

function areaOf({ x1, y1, x2, y2 }: Box): number {
  return (x2 - x1) * (y2 - y1)
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
