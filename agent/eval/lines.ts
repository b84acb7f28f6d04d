import type { Line } from '../counting/lines.ts'
import { AgentError } from '../errors.ts'
import type { ExpectedCrossings } from './crossing-score.ts'
import type { TrueCrossings, Way } from './crossings-truth.ts'
import type { SeenFrame } from './frames.ts'
import { truthFault } from './truth.ts'

/** The id of the line of a crossings file, when no stream draws one. */
const LINE_ID = 'line'
/** A stream's line whose ends lie this near to the one of the crossings file, across, is the same. */
const SAME_LINE = 0.05

/** The line to count at when only a crossings file names one: from top to bottom, so that `in` is to the right. */
export function lineOf({ x }: TrueCrossings): Line {
  return { id: LINE_ID, from: [x, 0], to: [x, 1] }
}

/** The one of a stream's lines that a crossings file tells of. Throws TRUTH_INVALID when there is none. */
export function lineMeant(lines: readonly Line[], { x }: TrueCrossings, stream: string): Line {
  const far = ({ from, to }: Line) => Math.max(Math.abs(from[0] - x), Math.abs(to[0] - x))
  const nearest = lines.toSorted((a, b) => far(a) - far(b))[0]
  if (nearest !== undefined && far(nearest) <= SAME_LINE && nearest.from[1] !== nearest.to[1]) return nearest
  const what = lines.length === 0 ? `Stream "${stream}" has no line` : `No line of stream "${stream}" stands at x = ${x}`
  throw new AgentError('TRUTH_INVALID', `${what}, but the crossings file tells of one there.`, {
    remedy: `Draw it (from: [${x}, 0], to: [${x}, 1]), or leave out --stream: then that line is counted at.`,
  })
}

/** What should be counted at `line`, which is the one of the crossings file. Throws TRUTH_INVALID for an event behind the clip's end. */
export function expectedAt(line: Line, truth: TrueCrossings, frames: readonly SeenFrame[]): ExpectedCrossings {
  // From + to −: to the right for a line drawn downwards.
  const inward: Way = line.to[1] > line.from[1] ? 'right' : 'left'
  const events = truth.events?.map(({ frame, way }) => {
    const atMs = frames[frame]?.ptsMs
    if (atMs === undefined) throw truthFault(`The crossings file tells of frame ${frame}, but the clip has ${frames.length} frames.`)
    return { direction: way === null ? null : way === inward ? ('in' as const) : ('out' as const), atMs }
  })
  const spanMs = (frames.at(-1)?.ptsMs ?? 0) - (frames[0]?.ptsMs ?? 0)
  return {
    in: inward === 'right' ? truth.right : truth.left,
    out: inward === 'right' ? truth.left : truth.right,
    events: events ?? null,
    toleranceMs: (truth.toleranceFrames * spanMs) / Math.max(1, frames.length - 1),
  }
}
