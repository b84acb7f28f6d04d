import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineSilence } from '../../agent/supervise/engine-watch.ts'

const test = suite('engine watch')

const times = { nowMs: 100_000, readySinceMs: 0, detectorP99Ms: 50 }

test('gives a working engine its time', () => {
  assert.is(engineSilence([{ deliveringSinceMs: 0, lastInferenceMs: 91_000 }], times), null)
})

test('tells how long a stuck engine is silent', () => {
  assert.is(engineSilence([{ deliveringSinceMs: 0, lastInferenceMs: 80_000 }], times), 20_000)
})

test('does not blame the engine when no camera delivers', () => {
  assert.is(engineSilence([{ deliveringSinceMs: null, lastInferenceMs: 1_000 }], times), null)
})

test('one stream with results shows that the engine lives', () => {
  const streams = [
    { deliveringSinceMs: 0, lastInferenceMs: null },
    { deliveringSinceMs: 0, lastInferenceMs: 99_000 },
  ]
  assert.is(engineSilence(streams, times), null)
})

test('waits longer for a slow detector, and from the moment it was ready or frames came', () => {
  const slow = { ...times, detectorP99Ms: 2_000 }
  assert.is(engineSilence([{ deliveringSinceMs: 0, lastInferenceMs: 70_000 }], slow), null)
  assert.is(engineSilence([{ deliveringSinceMs: 0, lastInferenceMs: null }], { ...times, readySinceMs: 95_000 }), null)
  assert.is(engineSilence([{ deliveringSinceMs: 95_000, lastInferenceMs: null }], times), null)
})

test.run()
