import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AgentErrorCode } from '../../agent/errors.ts'
import { failed, isLasting, type Ladder, ladderFoot, rebuilding, works } from '../../agent/supervise/health-ladder.ts'

const test = suite('health ladder')

interface Climb {
  readonly mayReload?: boolean
  readonly everyMs?: number
  readonly from?: Ladder
}

/** Lets lives fail with these codes, one after the other; returns each rest in milliseconds, and the rung after it. */
function climb(codes: readonly (AgentErrorCode | null)[], { mayReload = false, everyMs = 2_000, from = ladderFoot }: Climb = {}) {
  let ladder = from
  const steps = codes.map((code, index) => {
    const step = failed(ladder, { code, ranWell: false, mayReload }, index * everyMs)
    ladder = step.ladder
    return step
  })
  return {
    rests: steps.map(({ next }) => next.restMs),
    rungs: steps.map((step) => step.ladder.rung),
    reloads: steps.flatMap(({ next }, index) => (next.reloadDriver ? [index] : [])),
    ladder,
  }
}

function times(count: number, code: AgentErrorCode): AgentErrorCode[] {
  return Array.from({ length: count }, () => code)
}

for (const [code, rests] of [
  ['NPU_TIMEOUT', [250, 500, 1_000, 1_500, 1_500, 1_500]],
  ['NPU_FAILED', [250, 500, 1_000, 1_500, 1_500, 1_500]],
  ['ENGINE_SILENT', [250, 500, 1_000, 1_500, 1_500, 1_500]],
  ['ENGINE_DIED', [250, 500, 1_000, 1_500, 1_500, 1_500]],
  ['INFERENCE_FAILED', [250, 500, 1_000, 1_500, 1_500, 1_500]],
  ['NPU_MISSING', [250, 500, 1_000, 2_000, 2_000, 2_000]],
  ['NPU_BUSY', [250, 500, 1_000, 2_000, 2_000, 2_000]],
  ['NPU_DENIED', [250, 500, 1_000, 2_000, 2_000, 2_000]],
  ['NPU_DRIVER_MISMATCH', times(6, 'NPU_DRIVER_MISMATCH').map(() => 60_000)],
  ['BACKEND_UNAVAILABLE', times(6, 'BACKEND_UNAVAILABLE').map(() => 60_000)],
  ['MODEL_MISSING', times(6, 'MODEL_MISSING').map(() => 60_000)],
  ['MODEL_UNREADABLE', times(6, 'MODEL_UNREADABLE').map(() => 60_000)],
  ['MODEL_UNSUPPORTED', times(6, 'MODEL_UNSUPPORTED').map(() => 60_000)],
] as const) {
  test(`rests after ${code} as long as it makes sense`, () => {
    assert.equal(climb(times(6, code)).rests, rests)
  })
}

test('an end that nobody explained is tried again soon', () => {
  assert.equal(climb([null, null]).rests, [250, 500])
  assert.ok(!isLasting(null))
})

test('never rests longer than a second and a half after a thousand failures', () => {
  assert.is(climb(times(1_000, 'NPU_TIMEOUT')).rests.at(-1), 1_500)
})

test('respawns twice, and is degraded from the third failure on', () => {
  assert.equal(climb(times(4, 'NPU_TIMEOUT')).rungs, ['respawn', 'respawn', 'degraded', 'degraded'])
})

test('says that the device is opened again, and that it works', () => {
  assert.is(rebuilding(ladderFoot).rung, 'rebuild')
  assert.is(works(rebuilding(ladderFoot)).rung, null)
})

test('a device that only just came back is still degraded when it fails again', () => {
  const { ladder } = climb(times(3, 'NPU_TIMEOUT'))
  assert.is(rebuilding(works(ladder)).rung, 'degraded')
  assert.equal(climb(['NPU_TIMEOUT'], { from: works(ladder) }).rests, [1_500])
})

test('begins anew after it ran well', () => {
  const { ladder } = climb(times(7, 'NPU_TIMEOUT'))
  const step = failed(works(ladder), { code: 'NPU_TIMEOUT', ranWell: true, mayReload: true }, 0)
  assert.equal([step.ladder.rung, step.ladder.failures, step.next], ['respawn', 1, { restMs: 250, reloadDriver: false }])
})

test('never touches the driver unless it is allowed', () => {
  assert.equal(climb(times(50, 'NPU_TIMEOUT')).reloads, [])
})

test('loads the driver anew after three failures it could be to blame for', () => {
  const { reloads, rungs, rests } = climb(['NPU_TIMEOUT', 'NPU_FAILED', 'NPU_DENIED', 'NPU_TIMEOUT'], { mayReload: true })
  assert.equal(reloads, [2])
  assert.equal(rungs, ['respawn', 'respawn', 'reload', 'degraded'])
  assert.is(rests[2], 250, 'it is tried at once then')
})

test('other failures do not speak for the driver', () => {
  for (const code of ['NPU_MISSING', 'NPU_BUSY', 'ENGINE_DIED', 'ENGINE_SILENT', 'INFERENCE_FAILED', 'MODEL_MISSING'] as const) {
    assert.equal(climb(times(6, code), { mayReload: true }).reloads, [], code)
    assert.equal(climb(['NPU_TIMEOUT', 'NPU_TIMEOUT', code, 'NPU_TIMEOUT', 'NPU_TIMEOUT'], { mayReload: true }).reloads, [], code)
  }
})

test('loads it anew at most every ten minutes', () => {
  assert.equal(climb(times(100, 'NPU_TIMEOUT'), { mayReload: true, everyMs: 60_000 }).reloads, [2, 12, 22, 32, 42, 52, 62, 72, 82, 92])
})

test.run()
