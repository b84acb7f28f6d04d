import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FaultLog } from '../../agent/supervise/fault-log.ts'
import { keepLog } from './kept-log.ts'
import { fault } from './scripted-engines.ts'

const test = suite('fault log')

function faultLog() {
  const clock = { ms: 0 }
  const log = keepLog()
  return { clock, log, faults: new FaultLog('engine', log, () => clock.ms), texts: () => log.lines.map(([, text]) => text) }
}

test('says a fault once until it has passed, and with a count that it has', () => {
  const { faults, texts } = faultLog()
  assert.is(faults.say('error', fault('NPU_FAILED', 'Broken.')), true)
  assert.is(faults.say('error', fault('NPU_FAILED', 'Broken.')), false)
  assert.is(faults.say('error', fault('NPU_BUSY', 'Busy.')), true)
  faults.passed()
  assert.is(faults.say('warn', fault('NPU_FAILED', 'Broken.')), true, 'it is news again')
  faults.passed()
  assert.equal(texts(), [
    'engine: Broken. Wait.',
    'engine: Busy. Wait.',
    'engine works again after 3 faults',
    'engine: Broken. Wait.',
    'engine works again after 1 fault',
  ])
})

test('that nothing was wrong is no news', () => {
  const { faults, texts } = faultLog()
  faults.passed()
  assert.equal(texts(), [])
})

test('what comes and goes every few seconds for a day does not fill the log, and the last word is true', () => {
  const { faults, texts, clock } = faultLog()
  for (const dayMs = 86_400_000; clock.ms < dayMs; clock.ms += 5_000) {
    faults.say('error', fault('NPU_FAILED', `Broken.`))
    faults.passed()
  }
  assert.ok(texts().length < 4_000, String(texts().length))
  assert.ok(texts().length > 1_000, 'it is not forgotten either')
  assert.match(texts().at(-1) ?? '', /works again after \d+ faults/)
})

test('remembers a hundred texts that it has said and no more', () => {
  const { faults, clock } = faultLog()
  const say = (text: string) => faults.say('error', fault('NPU_FAILED', text))
  for (let turn = 0; turn < 100; turn++) assert.is(say(`Broken at ${turn}.`), true)
  assert.is(say('Broken at 0.'), false)
  assert.is(say('Broken at 100.'), true)
  clock.ms += 60_000
  assert.is(say('Broken at 0.'), true, 'it is forgotten')
})

test('a fault that stays after it came and went is told within a minute, another one at once', () => {
  const { faults, texts, clock } = faultLog()
  for (let turn = 0; turn < 10; turn++, clock.ms += 1_000) {
    faults.say('error', fault('NPU_FAILED', 'Broken.'))
    faults.passed()
  }
  assert.is(texts().length, 6)
  assert.is(faults.say('error', fault('NPU_FAILED', 'Broken.')), false)
  assert.is(faults.say('error', fault('NPU_MISSING', 'Missing.')), true)
  clock.ms += 60_000
  assert.is(faults.say('error', fault('NPU_FAILED', 'Broken.')), true)
})

test.run()
