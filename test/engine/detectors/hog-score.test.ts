import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { marginOfScore, scoreOfMargin, sureMargin } from '../../../agent/engine/detectors/hog-score.ts'
import { sureScore } from '../../../agent/tracking/tracker.ts'

const test = suite('hog score')

test('the sure margin is the score from which a track starts', () => {
  const sure = sureMargin('daimler', 691_200)
  assert.ok(Math.abs(scoreOfMargin(sure, sure) - sureScore(0.3)) < 1e-9)
})

test('scores rise with margins and stay between 0 and 1', () => {
  const scores = [-20, -1, 0, 1, 1.5, 2, 3, 20].map((margin) => scoreOfMargin(margin, 1.7))
  assert.equal(
    scores.toSorted((a, b) => a - b),
    scores,
  )
  assert.ok(scores.every((score) => score >= 0 && score <= 1))
})

test('a score leads back to its margin, so nothing above the threshold is left out of the search', () => {
  for (const score of [0.05, 0.3, 0.6, 0.95]) assert.ok(Math.abs(scoreOfMargin(marginOfScore(score, 1.2), 1.2) - score) < 1e-9)
})

test('the larger the search, the more is asked of a window', () => {
  for (const people of ['default', 'daimler'] as const) assert.ok(sureMargin(people, 700_000) > sureMargin(people, 30_000) + 0.5)
})

test.run()
