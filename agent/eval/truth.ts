import { z } from 'zod'
import { AgentError } from '../errors.ts'
import type { Box } from '../tracking/track.ts'

/** What is really in one frame of a clip. */
export interface TrueFrame {
  /** From 0. */
  readonly frame: number
  /** Since the first frame. */
  readonly ptsMs: number
  readonly count: number
  readonly boxes: readonly Box[]
  /** Who each box is, in their order; null: nobody says. */
  readonly ids: readonly number[] | null
  /** Not even people agree on it: left out of scores. */
  readonly ambiguous: boolean
}

/** Boxes may stand a little over the picture's edge; further away they are pixels and not fractions. */
const coordinate = z.number().min(-0.1).max(1.1)
const box = z.tuple([coordinate, coordinate, coordinate, coordinate]).rest(z.unknown())

/** One line of a truth file: a decoded frame. Boxes are [x1, y1, x2, y2, …], 0–1 of the upright picture, origin top-left. */
const trueFrame = z.object({
  frame: z.int().min(0),
  ptsMs: z.number().min(0),
  count: z.int().min(0),
  boxes: z.array(box.refine(([x1, y1, x2, y2]) => x1 < x2 && y1 < y2, 'x1 must be less than x2, and y1 less than y2')),
  ids: z.array(z.int()).optional(),
  ambiguous: z.boolean().optional(),
})

/** Takes the text of a truth file apart: one JSON line for each frame of the clip, in order. Throws TRUTH_INVALID. */
export function readTruth(text: string, file: string): TrueFrame[] {
  const truth: TrueFrame[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue
    const where = `${file}, line ${index + 1}`
    const frame = readFrame(line, where)
    checkOrder(truth, frame, where)
    truth.push(frame)
  }
  if (truth.length < 2) throw truthFault(`${file} tells of ${truth.length === 0 ? 'no frame' : 'one frame'} only.`)
  return truth
}

function readFrame(line: string, where: string): TrueFrame {
  const { data, error } = trueFrame.safeParse(parsed(line, where))
  if (error) throw truthFault(`${where}: ${issueText(error)}.`)
  const { frame, ptsMs, count, boxes, ids = null, ambiguous = false } = data
  if (ids !== null && ids.length !== boxes.length) throw truthFault(`${where}: ${ids.length} ids for ${boxes.length} boxes.`)
  return { frame, ptsMs, count, boxes: boxes.map(([x1, y1, x2, y2]) => ({ x1, y1, x2, y2 })), ids, ambiguous }
}

function checkOrder(before: readonly TrueFrame[], { frame, ptsMs }: TrueFrame, where: string): void {
  const expected = before.length
  if (frame > expected) throw truthFault(`${where} is of frame ${frame}, but frame ${expected} is missing.`)
  if (frame < expected) throw truthFault(`${where} is of frame ${frame} again; frame ${expected} should stand there.`)
  const last = before.at(-1)
  if (last !== undefined && ptsMs <= last.ptsMs) throw truthFault(`${where}: ptsMs ${ptsMs} does not come after ${last.ptsMs}.`)
}

/** JSON of a file somebody wrote. Throws TRUTH_INVALID. */
export function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw truthFault(`${where} is not JSON: ${(cause as Error).message}.`, cause)
  }
}

/** The first thing that is wrong, with its place. */
export function issueText({ issues }: z.ZodError): string {
  const { path = [], message = 'it is not as expected' } = issues[0] ?? {}
  return path.length === 0 ? message : `"${path.map(String).join('.')}": ${message}`
}

/** A truth or crossings file that cannot be used. */
export function truthFault(what: string, cause?: unknown): AgentError {
  return new AgentError('TRUTH_INVALID', what, { remedy: 'README.md, "headcount eval", says what the file must hold; correct it.', cause })
}

/** Frames a second, by the times of the truth. */
export function truthFps(truth: readonly TrueFrame[]): number {
  const spanMs = (truth.at(-1)?.ptsMs ?? 0) - (truth[0]?.ptsMs ?? 0)
  return ((truth.length - 1) * 1_000) / spanMs
}
