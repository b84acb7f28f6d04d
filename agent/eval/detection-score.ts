import { type ComparedFrame, shareOf } from './frames.ts'
import { matchBoxes } from './matching.ts'

/** How well boxes and counts of single frames agree with the truth. Null where nothing can be said: no box, no known count. */
export interface DetectionScore {
  /** Frames that were scored: those the truth is sure of. */
  readonly scored: number
  /** Of them, frames whose count was not known yet: left out of `countMae` and `exact`. */
  readonly unknown: number
  /** True boxes among those found, and found ones among the true: 0–1, at an overlap (IoU) of 0.5. */
  readonly precision: number | null
  readonly recall: number | null
  /** Mean of |count − true count|. */
  readonly countMae: number | null
  /** Share of frames with exactly the true count, 0–1. */
  readonly exact: number | null
}

/** Scores each frame by itself, before smoothing in time. */
export function scoreDetection(frames: readonly ComparedFrame[]): DetectionScore {
  const sure = frames.filter(({ real }) => !real.ambiguous)
  const matched = sure.map(({ people, real }) => ({
    hits: matchBoxes(people, real.boxes).length,
    found: people.length,
    real: real.boxes.length,
  }))
  const errors = sure.flatMap(({ count, real }) => (count === null ? [] : [Math.abs(count - real.count)]))
  return {
    scored: sure.length,
    unknown: sure.length - errors.length,
    precision: shareOf(
      matched,
      ({ hits }) => hits,
      ({ found }) => found,
    ),
    recall: shareOf(
      matched,
      ({ hits }) => hits,
      ({ real }) => real,
    ),
    countMae: shareOf(errors, (error) => error),
    exact: shareOf(errors, (error) => (error === 0 ? 1 : 0)),
  }
}
