import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineSilence, type WatchedStream } from '../../agent/supervise/engine-watch.ts'

const test = suite('engine watch')

const times = { nowMs: 100_000, readySinceMs: 0, detectorP99Ms: 50, backend: 'hog' as const }
const onNpu = { ...times, detectorP99Ms: 5, backend: 'hailo' as const }

function seen(waitingSinceMs: number | null, lastInferenceMs: number | null, detectFps = 30): WatchedStream {
  return { id: 'door', waitingSinceMs, lastInferenceMs, detectFps }
}

test('gives a working engine its time', () => {
  assert.is(engineSilence([seen(91_000, 90_900)], times), null)
})

test('tells how long a stuck engine is silent', () => {
  assert.is(engineSilence([seen(80_000, 79_900)], times), 20_000)
})

test('does not blame the engine when no camera delivers', () => {
  assert.is(engineSilence([seen(null, 1_000)], times), null)
  assert.is(engineSilence([seen(null, 1_000)], onNpu), null)
})

test('one stream with results shows that the engine lives', () => {
  assert.is(engineSilence([seen(0, null), seen(99_000, 98_900)], times), null)
  assert.is(engineSilence([seen(0, null), seen(null, 99_000)], times), null, 'also when it has no further frame')
})

test('waits longer for a slow detector, and from the moment it was ready or a frame came', () => {
  assert.is(engineSilence([seen(70_000, 69_900)], { ...times, detectorP99Ms: 2_000 }), null)
  assert.is(engineSilence([seen(0, null)], { ...times, readySinceMs: 95_000 }), null)
  assert.is(engineSilence([seen(95_000, null)], times), null)
})

test('gives up an engine with an NPU sooner', () => {
  assert.is(engineSilence([seen(96_000, 95_900)], onNpu), 4_000)
  assert.is(engineSilence([seen(96_000, 95_900)], times), null)
  assert.is(engineSilence([seen(98_000, 97_900)], onNpu), null)
})

test('a stream that is looked at every ten seconds is no sign before it is overdue', () => {
  assert.is(engineSilence([seen(80_000, 79_900, 0.1)], onNpu), null)
  assert.is(engineSilence([seen(60_000, 59_900, 0.1)], onNpu), 40_000)
  assert.is(engineSilence([seen(80_000, 79_900, 0.1), seen(90_000, 89_900, 30)], onNpu), 10_000, 'another one shows it sooner')
})

test.run()
