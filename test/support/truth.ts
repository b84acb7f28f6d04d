import { readFileSync } from 'node:fs'
import { scoreDetection } from '../../agent/eval/detection-score.ts'
import { readTruth, type TrueFrame } from '../../agent/eval/truth.ts'
import { installRoot } from '../../agent/install-root.ts'
import { type Box, PERSON } from '../../agent/tracking/track.ts'

/** The clips whose truth stands in test/truth. */
export type Clip = 'vtest' | 'one-by-one-person-detection'

/** The truth of a clip from test/truth, in order of frames. */
export function truthOf(clip: Clip): TrueFrame[] {
  return readTruth(readFileSync(new URL(`test/truth/${clip}.jsonl`, installRoot), 'utf8'), clip)
}

/** Scores what a detector by itself found in single frames (by their number, from 0); frames it did not look at are left out. */
export function scoreBoxes(truth: readonly TrueFrame[], found: ReadonlyMap<number, readonly Box[]>) {
  const frames = truth.flatMap((real) => {
    const boxes = found.get(real.frame)
    if (boxes === undefined) return []
    const people = boxes.map((box, id) => ({ ...box, id, score: 1, classId: PERSON, confirmed: true, predicted: false }))
    return [{ ptsMs: real.ptsMs, people, count: people.length, published: null, real }]
  })
  const { scored, precision, recall, countMae, exact } = scoreDetection(frames)
  return { frames: scored, precision: precision ?? 0, recall: recall ?? 0, countMae: countMae ?? Infinity, exact: exact ?? 0 }
}
