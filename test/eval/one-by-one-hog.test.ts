import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { atLeast, atMost, evalClip, isSteady } from './clips.ts'

const test = suite('six people one by one, with HOG')

test('most frames have the right count, and the line is crossed six times, each within a second of the truth', async () => {
  const report = await evalClip('one-by-one-person-detection', 'hog')
  if (report === null) return
  atLeast(report.exact, 0.85, 'exact')
  atMost(report.publishedDelayMs, 500, 'delay')
  assert.equal(report.crossings, { line: { in: 6, out: 0, expectedIn: 6, expectedOut: 0, missed: 0, extra: 0 } })
  isSteady(report)
})

test.run()
