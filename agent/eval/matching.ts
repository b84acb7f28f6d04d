import { iou } from '../tracking/boxes.ts'
import type { Box } from '../tracking/track.ts'

/** A found box and a true one that mean the same person, by their places in their lists. */
export interface BoxMatch {
  readonly found: number
  readonly real: number
}

/** Boxes that overlap less are not of the same person. */
const LEAST_IOU = 0.5

/** Pairs of boxes that mean the same person: best overlap first, each box once. */
export function matchBoxes(found: readonly Box[], real: readonly Box[]): BoxMatch[] {
  const pairs = found.flatMap((box, index) => real.map((other, column) => ({ found: index, real: column, iou: iou(box, other) })))
  const taken = { found: new Set<number>(), real: new Set<number>() }
  const matches: BoxMatch[] = []
  for (const pair of pairs.filter((candidate) => candidate.iou >= LEAST_IOU).sort((a, b) => b.iou - a.iou)) {
    if (taken.found.has(pair.found) || taken.real.has(pair.real)) continue
    taken.found.add(pair.found)
    taken.real.add(pair.real)
    matches.push({ found: pair.found, real: pair.real })
  }
  return matches
}
