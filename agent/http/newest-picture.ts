/** What the header of a ring says, and what was shown of it. */
export interface PictureState {
  readonly head: number
  readonly resultHead: number
  /** The frame shown last, 0 = none. */
  readonly shown: number
  readonly sinceResultMs: number
  /** The usual pause between two results, null before there were two. */
  readonly resultPauseMs: number | null
}

const SHORTEST_PATIENCE_MS = 1_000
const LONGEST_PATIENCE_MS = 5_000

/**
 * The frame to show next: the newest that has a result, so that boxes lie on the frame they belong to. When results stay away for longer
 * than usual (detection is down), the newest frame without boxes: the picture goes on. null = nothing new.
 */
export function newestPicture({ head, resultHead, shown, sinceResultMs, resultPauseMs }: PictureState): number | null {
  if (resultHead > shown) return resultHead
  const patienceMs = Math.min(Math.max(SHORTEST_PATIENCE_MS, 3 * (resultPauseMs ?? 0)), LONGEST_PATIENCE_MS)
  return sinceResultMs > patienceMs && head > shown ? head : null
}
