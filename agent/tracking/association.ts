import { assign } from './assignment.ts'
import { iou } from './boxes.ts'
import { boxOf, type Motion, surpriseOf } from './motion.ts'
import type { DetectedBox } from './track.ts'

/** What association needs to know of a track: where it is expected in this frame. */
export interface Expected {
  readonly classId: number
  readonly motion: Motion
}

/** One track and the detection that continues it. */
export interface Pair<T> {
  readonly track: T
  readonly detection: DetectedBox
}

/** The outcome of one round: pairs, and what is left over for the next one. */
export interface Association<T> {
  readonly pairs: readonly Pair<T>[]
  readonly tracks: readonly T[]
  readonly detections: readonly DetectedBox[]
}

/** How far (standard deviations) and of how different a size a box may be, that does not overlap the one expected. */
const FARTHEST = 2.5
const LONGEST_STD = 0.5
const SIZE_RATIO = 1.5

/** Pairs by overlap with the box that is expected: best in sum, each at least `leastIou`. */
export function associateByOverlap<T extends Expected>(
  tracks: readonly T[],
  detections: readonly DetectedBox[],
  leastIou: number,
): Association<T> {
  const boxes = tracks.map(({ motion }) => boxOf(motion))
  return associate(tracks, detections, 1 - leastIou, (_track, row, detection) => {
    const box = boxes[row]
    return box === undefined ? Infinity : 1 - iou(box, detection)
  })
}

/**
 * Pairs by distance where boxes need not overlap: at three inferences a second a walker moves by more than a box's width. How far
 * is far depends on the motion model: little for one followed closely, more after a gap or for a walk that has just begun.
 */
export function associateByDistance<T extends Expected>(tracks: readonly T[], detections: readonly DetectedBox[]): Association<T> {
  return associate(tracks, detections, FARTHEST, ({ motion }, _row, detection) => {
    const ratio = (detection.y2 - detection.y1) / motion.height.position
    return ratio > SIZE_RATIO || ratio < 1 / SIZE_RATIO ? Infinity : surpriseOf(motion, detection, LONGEST_STD)
  })
}

function associate<T extends Expected>(
  tracks: readonly T[],
  detections: readonly DetectedBox[],
  limit: number,
  cost: (track: T, row: number, detection: DetectedBox) => number,
): Association<T> {
  if (tracks.length === 0 || detections.length === 0) return { pairs: [], tracks, detections }
  const values = new Float64Array(tracks.length * detections.length)
  for (const [row, track] of tracks.entries())
    for (const [column, detection] of detections.entries())
      values[row * detections.length + column] = track.classId === detection.classId ? cost(track, row, detection) : Infinity
  const columnOf = assign({ rows: tracks.length, columns: detections.length, values }, limit)
  const taken = new Set(columnOf)
  const pairs = tracks.flatMap((track, row) => {
    const detection = detections[columnOf[row] ?? -1]
    return detection === undefined ? [] : [{ track, detection }]
  })
  return {
    pairs,
    tracks: tracks.filter((_track, row) => (columnOf[row] ?? -1) < 0),
    detections: detections.filter((_detection, column) => !taken.has(column)),
  }
}
