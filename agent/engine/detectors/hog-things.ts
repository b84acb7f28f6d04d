import { iou } from '../../tracking/boxes.ts'
import type { DetectedBox } from '../../tracking/track.ts'
import type { RoundOutcome } from './hog-scale.ts'

/** A box that overlaps a thing by more than this is that thing. */
const SAME_IOU = 0.5
/** The oldest are forgotten first. */
const MOST_THINGS = 64

/**
 * What looks a little like somebody in a view where nobody was ever surely seen: furniture, a door. The height searched is a guess
 * then, and what is found there is weak. A box that is in the same place before and after a round of probes which left no trace of
 * anybody, at any height, is a thing.
 */
export class Things {
  #things: readonly DetectedBox[] = []
  /** Of the first frame since the last round's end. */
  #before: readonly DetectedBox[] | null = null

  /** The boxes that may be people: those in the place of no thing, and those at least as strong as `strongScore`. */
  without(boxes: readonly DetectedBox[], strongScore: number): readonly DetectedBox[] {
    return boxes.filter((box) => box.score >= strongScore || !isAmong(this.#things, box))
  }

  /** Takes all boxes of the next frame, things among them, and what a round that ended with it has shown; null: none did. */
  learn(boxes: readonly DetectedBox[], outcome: RoundOutcome | null): void {
    const before = this.#before ?? boxes
    this.#before = outcome === null ? before : null
    if (outcome !== 'nobody') return
    const found = boxes.filter((box) => isAmong(before, box) && !isAmong(this.#things, box))
    if (found.length > 0) this.#things = [...this.#things, ...found].slice(-MOST_THINGS)
  }
}

function isAmong(places: readonly DetectedBox[], box: DetectedBox): boolean {
  return places.some((place) => iou(place, box) > SAME_IOU)
}
