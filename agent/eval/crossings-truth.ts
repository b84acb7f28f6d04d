import { z } from 'zod'
import { issueText, parsed, truthFault } from './truth.ts'

/** Which way somebody really went: to the right or to the left of the picture; null: nobody says. */
export type Way = 'right' | 'left' | null

/** The true crossings of one vertical line of a clip. */
export interface TrueCrossings {
  /** Where the line stands, 0–1. */
  readonly x: number
  readonly right: number
  readonly left: number
  /** In order of frames; null: only the totals are known. */
  readonly events: readonly { readonly frame: number; readonly way: Way }[] | null
  /** A crossing counted this many frames before or after the true one is that one. */
  readonly toleranceFrames: number
}

const DEFAULT_TOLERANCE_FRAMES = 10

const entry = z.object({
  line: z.object({ x: z.number().min(0).max(1), orientation: z.literal('vertical').optional() }),
  LtoR: z.int().min(0),
  RtoL: z.int().min(0),
  events: z.array(z.tuple([z.int().min(0), z.enum(['L->R', 'R->L'])]).rest(z.unknown())).optional(),
  eventFrames: z.array(z.int().min(0)).optional(),
  toleranceFrames: z.number().min(0).default(DEFAULT_TOLERANCE_FRAMES),
})

/** Takes the crossings of one clip out of a file of several: the entry of the first of `names`, or the only one. Throws TRUTH_INVALID. */
export function readCrossings(text: string, { file, names }: { file: string; names: readonly string[] }): TrueCrossings {
  const { data: clips, error } = z.record(z.string(), z.unknown()).safeParse(parsed(text, file))
  if (error) throw truthFault(`${file}: ${issueText(error)}.`)
  const known = Object.keys(clips)
  const name = names.find((one) => Object.hasOwn(clips, one)) ?? (known.length === 1 ? known[0] : undefined)
  if (name === undefined) throw truthFault(`${file} tells nothing of "${names[0] ?? ''}"; it knows ${known.join(', ') || 'no clip'}.`)
  return readEntry(clips[name], `${file}, "${name}"`)
}

function readEntry(value: unknown, where: string): TrueCrossings {
  const { data, error } = entry.safeParse(value)
  if (error) throw truthFault(`${where}: ${issueText(error)}.`)
  const { line, LtoR: right, RtoL: left, toleranceFrames } = data
  const events = eventsOf(data)?.toSorted((a, b) => a.frame - b.frame) ?? null
  const directed = (way: Way) => events?.filter((event) => event.way === way).length ?? 0
  const agrees = directed(null) > 0 ? events?.length === right + left : directed('right') === right && directed('left') === left
  if (events !== null && !agrees) throw truthFault(`${where}: LtoR ${right} and RtoL ${left} are not the number of its events.`)
  return { x: line.x, right, left, events, toleranceFrames }
}

function eventsOf({ events, eventFrames, LtoR, RtoL }: z.output<typeof entry>): { frame: number; way: Way }[] | null {
  if (events !== undefined) return events.map(([frame, way]) => ({ frame, way: way === 'L->R' ? 'right' : 'left' }))
  // Frames alone tell the way only when everybody goes the same.
  const way = RtoL === 0 ? 'right' : LtoR === 0 ? 'left' : null
  return eventFrames?.map((frame) => ({ frame, way })) ?? null
}
