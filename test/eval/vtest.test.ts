import { suite } from 'uvu'
import type { LineScore } from '../../agent/eval/crossing-score.ts'
import { atLeast, atMost, evalClip, isSteady } from './clips.ts'

const test = suite('a busy street, with an ONNX model')

/** 5 times in and 9 times out, give or take one. */
function isNearlyCrossed(line: LineScore | undefined): void {
  atMost(Math.abs((line?.in ?? Infinity) - 5), 1, 'in beside 5')
  atMost(Math.abs((line?.out ?? Infinity) - 9), 1, 'out beside 9')
}

test('people are found and the line is crossed as often as it was', async () => {
  const report = await evalClip('vtest', 'onnx')
  if (report === null) return
  atLeast(report.recall, 0.9, 'recall')
  atLeast(report.precision, 0.8, 'precision')
  atMost(report.countMae, 0.6, 'error of the count')
  atMost(report.publishedMae, 0.6, 'error of the published count')
  atMost(report.publishedDelayMs, 700, 'delay')
  isNearlyCrossed(report.crossings['line'])
  isSteady(report)
})

test('a sign that is taken for somebody can be excluded', async () => {
  const sign = [
    [0.02, 0.22],
    [0.08, 0.22],
    [0.08, 0.28],
    [0.02, 0.28],
  ]
  const report = await evalClip('vtest', 'onnx', { exclude: [sign], lines: [{ id: 'kerb', from: [0.25, 0], to: [0.25, 1] }] })
  if (report === null) return
  atLeast(report.precision, 0.94, 'precision')
  atMost(report.countMae, 0.35, 'error of the count')
  isNearlyCrossed(report.crossings['kerb'])
})

test.run()
