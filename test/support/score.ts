import { readFileSync } from 'node:fs'
import type { Box } from '../../agent/tracking/track.ts'

/** What is really in one frame. */
export interface TrueFrame {
  readonly frame: number
  readonly count: number
  readonly boxes: readonly Box[]
  /** Not even people agree on it: left out of scores. */
  readonly ambiguous: boolean
}

/** How well boxes and counts agree with the truth. */
export interface Score {
  /** Frames that were scored. */
  readonly frames: number
  readonly precision: number
  readonly recall: number
  /** Mean of |count − true count|. */
  readonly countMae: number
  /** Share of frames with exactly the true count. */
  readonly exact: number
}

const LEAST_IOU = 0.5

/** The truth of `clip` from the repository's test/truth, in order of frames. */
export function truthOf(clip: 'vtest' | 'one-by-one-person-detection'): TrueFrame[] {
  const text = readFileSync(new URL(`../../../test/truth/${clip}.jsonl`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { frame, count, boxes, ambiguous } = JSON.parse(line) as {
        frame: number
        count: number
        boxes: [number, number, number, number][]
        ambiguous?: boolean
      }
      return { frame, count, boxes: boxes.map(([x1, y1, x2, y2]) => ({ x1, y1, x2, y2 })), ambiguous: ambiguous === true }
    })
}

/** Scores what was found in each frame (by frame number, from 0) against the truth; frames not looked at are left out. */
export function score(truth: readonly TrueFrame[], found: ReadonlyMap<number, readonly Box[]>): Score {
  const frames = truth.flatMap((frame) => {
    const boxes = found.get(frame.frame)
    return boxes === undefined || frame.ambiguous ? [] : [{ ...frame, found: boxes, hits: countHits(boxes, frame.boxes) }]
  })
  const sum = (of: (frame: (typeof frames)[number]) => number) => frames.reduce((total, frame) => total + of(frame), 0)
  const hits = sum((frame) => frame.hits)
  return {
    frames: frames.length,
    precision:
      hits /
      Math.max(
        1,
        sum((frame) => frame.found.length),
      ),
    recall:
      hits /
      Math.max(
        1,
        sum((frame) => frame.boxes.length),
      ),
    countMae: sum((frame) => Math.abs(frame.found.length - frame.count)) / frames.length,
    exact: sum((frame) => (frame.found.length === frame.count ? 1 : 0)) / frames.length,
  }
}

/** Pairs of boxes that mean the same person, best overlap first, each box once. */
function countHits(found: readonly Box[], real: readonly Box[]): number {
  const pairs = found.flatMap((box, row) => real.map((other, column) => ({ row, column, iou: iou(box, other) })))
  const rows = new Set<number>()
  const columns = new Set<number>()
  for (const pair of pairs.filter((candidate) => candidate.iou >= LEAST_IOU).sort((a, b) => b.iou - a.iou)) {
    if (rows.has(pair.row) || columns.has(pair.column)) continue
    rows.add(pair.row)
    columns.add(pair.column)
  }
  return rows.size
}

function iou(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared)
}
