import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { restartDelayMs } from '../../agent/supervise/backoff.ts'

const test = suite('backoff')

test('starts below a second, doubles, and never rests longer than a minute', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => restartDelayMs(failures, 1))
  assert.equal(longest, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

test('keeps half of the rest whatever the jitter', () => {
  assert.is(restartDelayMs(3, 0), 2_000)
})

test.run()
