import type { Crossing, Line } from '../counting/lines.ts'
import { type ExpectedCrossings, type LineScore, scoreLine } from './crossing-score.ts'
import { scoreDetection } from './detection-score.ts'
import type { SeenFrame } from './frames.ts'
import { countIdSwitches } from './id-switches.ts'
import { scorePublished } from './published-score.ts'
import type { EvalReport } from './report.ts'
import type { TrueFrame } from './truth.ts'

/** A clip as it was counted, and what is really in it, frame for frame. */
export interface CountedClip {
  readonly truth: readonly TrueFrame[]
  readonly frames: readonly SeenFrame[]
  readonly crossings: readonly Crossing[]
  readonly lines: readonly Line[]
  /** By the line's id; none of those the truth says nothing of. */
  readonly expected: ReadonlyMap<string, ExpectedCrossings>
}

/** Scores a whole clip. Pure. */
export function scoreClip({ truth, frames, crossings, lines, expected }: CountedClip): Omit<EvalReport, 'fps' | 'detector'> {
  const compared = frames.flatMap((frame, index) => {
    const real = truth[index]
    return real === undefined ? [] : [{ ...frame, real }]
  })
  const spanMs = (frames.at(-1)?.ptsMs ?? 0) - (frames[0]?.ptsMs ?? 0)
  const lineScores = lines.map(({ id }): [string, LineScore] => {
    const counted = crossings.filter(({ line }) => line === id)
    const directed = counted.map(({ type, atMs }) => ({ direction: type === 'line_in' ? ('in' as const) : ('out' as const), atMs }))
    return [
      id,
      scoreLine(
        directed.toSorted((a, b) => a.atMs - b.atMs),
        expected.get(id) ?? null,
      ),
    ]
  })
  return {
    frames: frames.length,
    ...scoreDetection(compared),
    ...scorePublished(compared, spanMs / Math.max(1, frames.length - 1)),
    idSwitches: countIdSwitches(compared),
    crossings: Object.fromEntries(lineScores),
  }
}
