import { readFileSync } from 'node:fs'
import { readCrossings, type TrueCrossings } from '../../agent/eval/crossings-truth.ts'
import { scoreDetection } from '../../agent/eval/detection-score.ts'
import { readTruth, type TrueFrame } from '../../agent/eval/truth.ts'
import { type Box, PERSON } from '../../agent/tracking/track.ts'
import { dataFile } from './data.ts'

/** The clips of the test data whose truth is known. */
export type Clip = 'vtest' | 'one-by-one-person-detection'

/** The truth of a clip, in order of frames; null when this machine has none: the test is skipped then, and that is said. */
export function truthOf(clip: Clip): TrueFrame[] | null {
  const file = dataFile(`truth/${clip}.jsonl`)
  return file === null ? null : readTruth(readFileSync(file, 'utf8'), file)
}

/** Who really crosses the line of a clip; null as with `truthOf`. */
export function trueCrossingsOf(clip: Clip): TrueCrossings | null {
  const file = dataFile('truth/crossings.json')
  return file === null ? null : readCrossings(readFileSync(file, 'utf8'), { file, names: [clip] })
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
