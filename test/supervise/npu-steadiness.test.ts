import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { broke, restLeftMs, steady } from '../../agent/supervise/npu-steadiness.ts'

const test = suite('NPU steadiness')

/** Rests after failures, each after so many milliseconds of work. */
function restsAfter(...workedMs: readonly number[]): number[] {
  let state = steady
  return workedMs.map((each) => {
    state = broke(state, each, 1_000)
    return restLeftMs(state, 1_000)
  })
}

test('one that has not failed, or failed once, may have the streams at once', () => {
  assert.is(restLeftMs(steady, 0), 0)
  assert.equal(restsAfter(0), [0])
  assert.equal(restsAfter(3_600_000), [0])
})

test('one that fails again within a minute rests, longer each time, but never more than five minutes', () => {
  assert.equal(
    restsAfter(3_600_000, 59_999, 1_000, 0, 5_000, 5_000, 5_000, 5_000),
    [0, 15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000],
  )
  assert.is(restsAfter(...Array.from({ length: 5_000 }, () => 1)).at(-1), 300_000)
})

test('one that held for a minute begins anew', () => {
  assert.equal(restsAfter(0, 1_000, 1_000, 60_000, 1_000), [0, 15_000, 30_000, 0, 15_000])
})

test('the rest passes with time', () => {
  const state = broke(broke(steady, 0, 0), 5_000, 10_000)
  assert.is(restLeftMs(state, 10_001), 14_999)
  assert.is(restLeftMs(state, 25_000), 0)
  assert.is(restLeftMs(state, 1e9), 0)
})

test.run()
