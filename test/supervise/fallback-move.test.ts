import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Engines, nextMove } from '../../agent/supervise/fallback-move.ts'

const test = suite('fallback move')

const UP = { ready: true, wrongForMs: null, lasting: false, restLeftMs: 0 }
/** It answers, but has failed again and again. */
const SHAKY = { ...UP, restLeftMs: 9_000 }
const OFF = { running: false, ready: false }
const STARTING = { running: true, ready: false }
const ON = { running: true, ready: true }

function down(wrongForMs: number | null, lasting = false): Engines['primary'] {
  return { ready: false, wrongForMs, lasting, restLeftMs: 0 }
}

const STAY = { type: 'stay', lookAgainMs: null }

for (const [what, engines, move] of [
  ['gives the rings to the NPU when it can infer', { serving: null, primary: UP, fallback: null }, { type: 'toPrimary' }],
  ['leaves them there', { serving: 'primary', primary: UP, fallback: null }, STAY],
  ['waits without end where nothing stands in', { serving: 'primary', primary: down(1e9, true), fallback: null }, STAY],
  ['bears with an NPU for a moment', { serving: 'primary', primary: down(1_000), fallback: OFF }, { type: 'stay', lookAgainMs: 2_000 }],
  ['starts the CPU after it', { serving: 'primary', primary: down(3_000), fallback: OFF }, { type: 'startFallback' }],
  ['lets the NPU start, however long that takes', { serving: null, primary: down(null), fallback: OFF }, STAY],
  ['also when it never worked', { serving: null, primary: down(3_000), fallback: OFF }, { type: 'startFallback' }],
  ['does not wait for what does not pass', { serving: null, primary: down(1, true), fallback: OFF }, { type: 'startFallback' }],
  ['moves no ring to a CPU that cannot infer yet', { serving: 'primary', primary: down(9_000), fallback: STARTING }, STAY],
  ['moves the rings when it can', { serving: 'primary', primary: down(9_000), fallback: ON }, { type: 'toFallback' }],
  ['leaves them there while the NPU is down', { serving: 'fallback', primary: down(9e9), fallback: ON }, STAY],
  ['leaves them with a CPU that is only just down, too', { serving: 'fallback', primary: down(9e9), fallback: STARTING }, STAY],
  ['moves them back to an NPU that works', { serving: 'fallback', primary: UP, fallback: ON }, { type: 'toPrimary' }],
  ['ends a CPU that is not needed after all', { serving: 'primary', primary: UP, fallback: STARTING }, { type: 'endFallback' }],
  [
    'lets one that fails again and again rest while the CPU counts',
    { serving: 'fallback', primary: SHAKY, fallback: ON },
    { type: 'stay', lookAgainMs: 9_000 },
  ],
  [
    'starts the CPU at once for it',
    { serving: 'primary', primary: { ...down(1), restLeftMs: 9_000 }, fallback: OFF },
    { type: 'startFallback' },
  ],
  ['bears with it until the CPU has started', { serving: 'primary', primary: SHAKY, fallback: STARTING }, STAY],
  ['takes the rings from it then', { serving: 'primary', primary: SHAKY, fallback: ON }, { type: 'toFallback' }],
  ['lets it count rather than nobody', { serving: 'fallback', primary: SHAKY, fallback: STARTING }, { type: 'toPrimary' }],
  ['or when nobody ever did', { serving: null, primary: SHAKY, fallback: OFF }, { type: 'toPrimary' }],
  ['and starts no CPU while it does', { serving: 'primary', primary: SHAKY, fallback: OFF }, STAY],
  ['lets it count where nothing stands in', { serving: 'primary', primary: SHAKY, fallback: null }, STAY],
] as const) {
  test(what, () => {
    assert.equal(nextMove(engines, 3_000), move)
  })
}

test.run()
