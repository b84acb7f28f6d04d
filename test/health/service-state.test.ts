import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ServiceFacts } from '../../agent/health/service-facts.ts'
import { isReady, isStuck, noProgress, stepProgress } from '../../agent/health/service-state.ts'
import { COUNTING, MISSING, REFUSED, STARTING, STOPPED, service, WAITING, WELL } from './service-facts-for-test.ts'

const test = suite('service state')

const LOADING = { ready: false }
const DEGRADED = { ...WAITING, waiting: false }

const readiness: readonly [string, ServiceFacts, boolean][] = [
  ['there are no streams', service([]), true],
  ['a stream counts', service([COUNTING]), true],
  ['one of several counts, whatever the others do', service([REFUSED, COUNTING, STARTING]), true],
  ['nothing is known of the only stream yet', service([STARTING]), false],
  ['a camera refuses, and another still starts', service([REFUSED, STARTING]), false],
  ['every camera is known not to be there', service([REFUSED, { ...REFUSED, id: 'gate' }]), true],
  ['pictures come and the detector still loads', service([DEGRADED], LOADING), false],
  ['pictures come and the NPU is known not to be there', service([DEGRADED], MISSING), true],
  ['the NPU is not there, and nothing is known of the camera yet', service([STARTING], MISSING), false],
  ['pictures come and the first people are still looked for', service([DEGRADED]), false],
  ['a file was over before anybody asked', service([STOPPED]), true],
]

for (const [when, facts, ready] of readiness) {
  test(`the start is ${ready ? 'over' : 'not over'} when ${when}`, () => {
    assert.is(isReady(facts, 0), ready)
  })
}

test('the start is over after half a minute, whatever is still waited for', () => {
  assert.not.ok(isReady(service([STARTING], LOADING), 29_999))
  assert.ok(isReady(service([STARTING], LOADING), 30_000))
})

/** The service as it is at each second; says after how many seconds it was stuck for the first time, or null. */
function stuckAfter(seconds: number, at: (second: number) => ServiceFacts, { held = false } = {}): number | null {
  let progress = noProgress
  for (let second = 0; second <= seconds; second++) {
    const facts = at(second)
    progress = stepProgress(progress, facts, { nowMs: 1_000 * second, held })
    if (isStuck(progress, facts)) return second
  }
  return null
}

const HOUR = 3_600

const alive: readonly [string, (second: number) => ServiceFacts][] = [
  ['it counts', (second) => service([{ ...COUNTING, framesDetected: 30 * second }])],
  ['there are no streams', () => service([])],
  ['all streams are stopped and the engine with them', () => service([STOPPED], { ready: false })],
  ['one camera counts and another hangs without a word', (second) => service([{ ...COUNTING, framesDetected: second }, STARTING])],
  ['every camera has a known fault', () => service([REFUSED, { ...REFUSED, id: 'gate' }])],
  ['an NPU is not there, and the engine is started again and again', (second) => service([WAITING], { ...MISSING, restarts: second >> 6 })],
  // Each life 60 s of loading, each rest 60 s: the slowest that the supervision of an engine is.
  ['a model cannot be loaded, as slowly as that goes', (second) => service([WAITING], { ...MISSING, restarts: Math.floor(second / 122) })],
  ['the NPU is down and the CPU counts', (second) => service([{ ...COUNTING, framesDetected: second }], { ...MISSING, cpuFallback: true })],
  [
    'a picture is looked at every ten seconds only',
    (second) => service([{ ...WAITING, detectFps: 0.1, framesDetected: Math.floor(second / 10) }]),
  ],
  [
    'a detector takes 20 s for a picture',
    (second) => service([{ ...WAITING, framesDetected: Math.floor(second / 300) }], { detectorMs: 20_000 }),
  ],
  ['a file is over after a while', (second) => service([second < 100 ? WAITING : STOPPED])],
]

for (const [when, at] of alive) {
  test(`it lives for hours when ${when}`, () => {
    assert.is(stuckAfter(4 * HOUR, at), null)
  })
}

test('a model that takes three minutes to be loaded the first time is waited for, since its engine is started again meanwhile', () => {
  // No life may load for longer than a minute: it then counts as silent, and the next begins.
  const loading = (second: number) => service([WAITING], second < 60 ? LOADING : { ...MISSING, restarts: Math.floor(second / 61) })
  assert.is(stuckAfter(HOUR, loading), null)
})

const stuck: readonly [string, () => ServiceFacts][] = [
  ['pictures wait, and an engine that is ready looks at none', () => service([WAITING])],
  ['pictures wait, and an engine starts for ever', () => service([WAITING], LOADING)],
  ['an engine with a fault is not tried again', () => service([WAITING], MISSING)],
  ['an engine with a fault is not tried again, and no camera is there either', () => service([REFUSED], MISSING)],
  ['one camera has a fault, and nobody looks at the pictures of the other', () => service([REFUSED, WAITING])],
  ['no camera says anything', () => service([STARTING])],
]

for (const [when, at] of stuck) {
  test(`it is stuck after three minutes in which ${when}`, () => {
    assert.is(stuckAfter(HOUR, at), 181)
  })
}

test('an engine process that the kernel holds is a known fault, which a restart would not mend', () => {
  assert.is(
    stuckAfter(HOUR, () => service([WAITING], MISSING), { held: true }),
    null,
  )
})

test('one sign of life is enough for the next three minutes, and what was stuck may go on', () => {
  const once = (second: number) => service([{ ...WAITING, framesDetected: second < 170 ? 7 : 8 }])
  assert.is(stuckAfter(HOUR, once), 170 + 181)

  const facts = service([WAITING])
  const progress = stepProgress({ marks: '', idleMs: 500_000, lookedMs: 0 }, facts, { nowMs: 1_000, held: false })
  assert.not.ok(isStuck(progress, facts))
})

test('a rung of the ladder, another fault and a stream that was started are signs, too', () => {
  const before = service([WAITING], MISSING)
  const first = { ...stepProgress(noProgress, before, { nowMs: 0, held: false }), idleMs: 99_000 }
  const idleAfter = (facts: ServiceFacts) => stepProgress(first, facts, { nowMs: 1_000, held: false }).idleMs
  assert.is(idleAfter(before), 100_000)
  assert.is(idleAfter(service([WAITING], { ...MISSING, rung: 'reload' })), 0)
  assert.is(idleAfter(service([WAITING], { ...MISSING, fault: { code: 'NPU_BUSY', message: 'Another has it.', remedy: '' } })), 0)
  assert.is(idleAfter(service([WAITING], WELL)), 0)
  assert.is(idleAfter(service([WAITING, STARTING], MISSING)), 0)
})

test('time in which nobody looked does not count, nor does a clock that goes back', () => {
  const facts = service([WAITING])
  const looks = [0, 1_000, 7_200_000, 7_201_000, 5_000, 6_000]
  const end = looks.reduce((progress, nowMs) => stepProgress(progress, facts, { nowMs, held: false }), noProgress)
  // 1 s, then 5 of two hours, 1 s, nothing of the jump back, 1 s.
  assert.is(end.idleMs, 8_000)
  assert.not.ok(isStuck(end, facts))
})

test.run()
