import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { atLeast, atMost, evalClip, isSteady } from './clips.ts'

const test = suite('six people one by one, with an ONNX model')

test('nearly everybody is found in nearly every frame, and the line is crossed six times, each within a second of the truth', async () => {
  const report = await evalClip('one-by-one-person-detection', 'onnx')
  if (report === null) return
  assert.equal([report.frames, report.scored], [1_394, 1_336])
  atLeast(report.exact, 0.97, 'exact')
  atLeast(report.recall, 0.95, 'recall')
  atLeast(report.precision, 0.97, 'precision')
  atMost(report.publishedMae, 0.1, 'error of the published count')
  atMost(report.publishedDelayMs, 500, 'delay')
  assert.equal(report.crossings, { line: { in: 6, out: 0, expectedIn: 6, expectedOut: 0, missed: 0, extra: 0 } })
  isSteady(report)
})

test.run()
