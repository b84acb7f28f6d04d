import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { StageMeter } from '../../agent/engine/stage-meter.ts'

const test = suite('stage meter')

test('says nothing of a stage that nothing has passed', () => {
  assert.equal(new StageMeter().times(), {})
})

test('gives median and p99 of each stage', () => {
  const meter = new StageMeter()
  for (let ms = 100; ms >= 1; ms--) meter.add('inference', ms)
  meter.add('track', 3)
  assert.equal(meter.times(), { inference: { p50Ms: 50, p99Ms: 99 }, track: { p50Ms: 3, p99Ms: 3 } })
})

test('forgets what is long past', () => {
  const meter = new StageMeter()
  meter.add('wait', 1_000)
  for (let frame = 0; frame < 256; frame++) meter.add('wait', 2)
  assert.equal(meter.times(), { wait: { p50Ms: 2, p99Ms: 2 } })
})

test.run()
