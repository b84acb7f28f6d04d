import { readFileSync } from 'node:fs'
import { truthOf } from '../support/score.ts'
import { type Clip, clipTracks, replay } from './scene-clip.ts'

const LINES = {
  'one-by-one-person-detection': { id: 'line', from: [0.8, 0], to: [0.8, 1] },
  vtest: { id: 'line', from: [0.25, 0], to: [0.25, 1] },
} as const

const changes = (counts: readonly (number | null)[]) => counts.filter((one, index) => index > 0 && one !== counts[index - 1]).length

/** What was counted on a whole clip, beside the truth; null when this machine has no such clip or model. */
export async function countedOnClip(clip: Clip) {
  const frames = await clipTracks(clip)
  if (frames === null) return null
  const { events, counts } = replay(frames, { lines: [LINES[clip]] })
  const truth = truthOf(clip)
  const known = counts.filter((one) => one !== null)
  const scored = truth.filter(({ frame, ambiguous }) => !ambiguous && counts[frame] !== null)
  const intoMs = events.filter(({ type }) => type === 'line_in').map(({ atMs }) => atMs)
  return {
    into: intoMs.length,
    intoMs,
    out: events.filter(({ type }) => type === 'line_out').length,
    /** Changes of the published count for each of the true one. */
    flicker: changes(known) / changes(truth.map((one) => one.count)),
    /** Mean error of the published count. */
    mae: scored.reduce((sum, one) => sum + Math.abs((counts[one.frame] ?? 0) - one.count), 0) / scored.length,
  }
}

/** When the six people cross the line, to the frame, as somebody saw it. */
export function trueCrossingsMs(): number[] {
  const text = readFileSync(new URL('../../../test/truth/crossings.json', import.meta.url), 'utf8')
  const { 'one-by-one-person-detection': clip } = JSON.parse(text) as { 'one-by-one-person-detection': { eventFrames: number[] } }
  return clip.eventFrames.map((frame) => frame * 100)
}
