import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NpuMeter } from '../../../agent/engine/detectors/npu-meter.ts'

const facts = { deviceId: '0000:01:00.0', chip: 'Hailo-8L', firmwareVersion: '4.23.0', libraryVersion: '4.23.0', model: '/m.hef' }

/** A chip whose counters and clock are set by hand. */
function meterOf(temperature: () => Promise<number> = () => Promise.resolve(45)) {
  const chip = { frames: 0, busyMs: 0, queueAgeMs: 0 }
  const clock = { nowMs: 0 }
  let asked = 0
  const meter = new NpuMeter({
    facts,
    batchSize: 4,
    counters: () => ({ ...chip }),
    temperature: () => {
      asked++
      return temperature()
    },
    nowMs: () => clock.nowMs,
  })
  return { meter, chip, clock, asked: () => asked }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

const test = suite('NPU meter')

test('says what happened since the last look, and nothing of batches and frames that were none', () => {
  const { meter, chip, clock } = meterOf()
  clock.nowMs = 1_000
  assert.equal(meter.stats(), { utilisation: 0, temperatureC: null, batchFill: null, queueAgeMs: null })
  meter.sent(4)
  meter.sent(2)
  Object.assign(chip, { frames: 6, busyMs: 500, queueAgeMs: 30 })
  clock.nowMs = 2_000
  const { utilisation, batchFill, queueAgeMs } = meter.stats()
  assert.equal({ utilisation, batchFill, queueAgeMs }, { utilisation: 0.5, batchFill: 0.75, queueAgeMs: 5 })
  clock.nowMs = 3_000
  assert.is(meter.stats().utilisation, 0)
})

test('asks for the temperature now and then, never twice at once', async () => {
  const answers: ((celsius: number) => void)[] = []
  const { meter, clock, asked } = meterOf(() => new Promise((resolve) => answers.push(resolve)))
  meter.stats()
  clock.nowMs = 60_000
  meter.stats()
  assert.is(asked(), 1)
  answers[0]?.(51.5)
  await settled()
  assert.is(meter.stats().temperatureC, 51.5)
  assert.is(asked(), 2)
})

test('does not know the temperature of a chip that refuses to say it', async () => {
  const { meter, clock } = meterOf(() => Promise.reject(new Error('no')))
  meter.stats()
  await settled()
  clock.nowMs = 10_000
  assert.is(meter.stats().temperatureC, null)
})

test.run()
