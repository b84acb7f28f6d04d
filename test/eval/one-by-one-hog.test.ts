import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dataFile } from '../support/data.ts'
import { copyStart } from './clip-start.ts'
import { atLeast, atMost } from './clips.ts'
import { EvalFolder } from './headcount-eval.ts'

/** The first two of six people: all of them take minutes on a busy machine, and are in `npm run bench -- accuracy`. */
const FRAMES = 480

const test = suite('people one by one, with HOG')

test('most frames have the right count, and the line is crossed twice, each within a second of the truth', async () => {
  const whole = dataFile('videos/one-by-one-person-detection.mp4')
  const truth = whole === null ? null : dataFile('truth/one-by-one-person-detection.jsonl')
  if (whole === null || truth === null) return
  using folder = new EvalFolder()
  const clip = folder.file('two.mp4')
  await copyStart(whole, clip, FRAMES)
  const lines = readFileSync(truth, 'utf8').split('\n').slice(0, FRAMES)
  const crossings = folder.write('crossings.json', { two: { line: { x: 0.8 }, LtoR: 2, RtoL: 0, eventFrames: [190, 440] } })
  const args = [clip, folder.write('two.jsonl', lines.join('\n')), '--crossings', crossings]
  const report = await folder.report(args, { HEADCOUNT_DETECTOR_BACKEND: 'hog' })
  assert.is(report.frames, FRAMES)
  atLeast(report.exact, 0.85, 'exact')
  atLeast(report.precision, 0.85, 'precision')
  atMost(report.publishedDelayMs, 500, 'delay')
  assert.equal([report.lastingChanges, report.changesTold], [4, 4])
  assert.equal(report.crossings, { line: { in: 2, out: 0, expectedIn: 2, expectedOut: 0, missed: 0, extra: 0 } })
})

test.run()
