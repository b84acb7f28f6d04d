import type { Track } from '../tracking/track.ts'
import type { TrueFrame } from './truth.ts'

/** What headcount made of one frame of a clip. */
export interface SeenFrame {
  /** On the clip's clock. */
  readonly ptsMs: number
  /** Everybody who counts in it: confirmed, and not in an excluded part of the picture. */
  readonly people: readonly Track[]
  /** How many are in view by this frame alone, before smoothing in time; null: not known. */
  readonly count: number | null
  /** What MQTT would say after this frame; null: `unknown`. */
  readonly published: number | null
}

/** A frame and what is really in it. */
export interface ComparedFrame extends SeenFrame {
  readonly real: TrueFrame
}

/** The sum of something over frames, divided by another sum; null where there is nothing to divide by. */
export function shareOf<T>(all: readonly T[], part: (one: T) => number, whole: (one: T) => number = () => 1): number | null {
  const total = all.reduce((sum, one) => sum + whole(one), 0)
  return total === 0 ? null : all.reduce((sum, one) => sum + part(one), 0) / total
}
