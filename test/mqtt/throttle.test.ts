import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { freshThrottle, stepThrottle } from '../../agent/mqtt/throttle.ts'

const test = suite('throttle')

/** Times at which something goes out, given the times of changes; the clock looks every 10 ms. */
function sentAt(changesMs: readonly number[], untilMs = 1_500): number[] {
  let throttle = freshThrottle
  const sent: number[] = []
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 10) {
    const step = stepThrottle(throttle, { changed: changesMs.includes(nowMs), nowMs, intervalMs: 200 })
    throttle = step.throttle
    if (step.send) sent.push(nowMs)
  }
  return sent
}

test('lets the first change out at once', () => {
  assert.equal(sentAt([50]), [50])
})

test('lets no more than five a second out, and the last one always', () => {
  const everyStep = Array.from({ length: 100 }, (_, index) => index * 10)
  assert.equal(sentAt(everyStep), [0, 200, 400, 600, 800, 1_000])
})

test('says how long to rest while something waits', () => {
  const { throttle } = stepThrottle(freshThrottle, { changed: true, nowMs: 1_000, intervalMs: 200 })
  assert.is(stepThrottle(throttle, { changed: true, nowMs: 1_050, intervalMs: 200 }).restMs, 150)
  assert.is(stepThrottle(throttle, { changed: false, nowMs: 1_050, intervalMs: 200 }).restMs, null)
})

test.run()
