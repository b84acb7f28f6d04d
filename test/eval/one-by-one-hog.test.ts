import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dataFile } from '../support/data.ts'
import { scaleStart } from './clip-start.ts'
import { atLeast, atMost } from './clips.ts'
import { EvalFolder } from './headcount-eval.ts'

/** The first of six people, at half the size: the whole clip takes minutes on a busy machine, and is in `npm run bench -- accuracy`. */
const START = { frames: 220, width: 384, height: 216 }

const test = suite('people one by one, with HOG')

test('most frames have the right count, and the line is crossed once, within a second of the truth', async () => {
  const whole = dataFile('videos/one-by-one-person-detection.mp4')
  const truth = whole === null ? null : dataFile('truth/one-by-one-person-detection.jsonl')
  if (whole === null || truth === null) return
  using folder = new EvalFolder()
  const clip = folder.file('one.mkv')
  await scaleStart(whole, clip, START)
  const lines = readFileSync(truth, 'utf8').split('\n').slice(0, START.frames)
  const crossings = folder.write('crossings.json', { one: { line: { x: 0.8 }, LtoR: 1, RtoL: 0, eventFrames: [190] } })
  const args = [clip, folder.write('one.jsonl', lines.join('\n')), '--crossings', crossings]
  const report = await folder.report(args, { HEADCOUNT_DETECTOR_BACKEND: 'hog' })
  assert.is(report.frames, START.frames)
  atLeast(report.exact, 0.85, 'exact')
  atLeast(report.precision, 0.85, 'precision')
  atMost(report.publishedDelayMs, 500, 'delay')
  assert.equal([report.lastingChanges, report.changesTold], [2, 2])
  assert.equal(report.crossings, { line: { in: 1, out: 0, expectedIn: 1, expectedOut: 0, missed: 0, extra: 0 } })
})

test.run()
