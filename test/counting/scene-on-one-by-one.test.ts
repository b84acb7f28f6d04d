import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countedOnClip, trueCrossingsMs } from './scene-on-clips.ts'

const test = suite('scene on the one-by-one clip')

test('six people cross the line one by one, each within a second of the truth, and the count does not flicker', async () => {
  const result = await countedOnClip('one-by-one-person-detection')
  if (result === null) return
  const { into, out, intoMs, flicker, mae } = result
  assert.equal([into, out], [6, 0])
  for (const [index, trueMs] of trueCrossingsMs().entries()) {
    const offMs = (intoMs[index] ?? Infinity) - trueMs
    assert.ok(Math.abs(offMs) <= 1_000, `crossing ${index + 1} is off by ${offMs} ms`)
  }
  assert.ok(flicker <= 1.5, `${flicker} published changes a true one`)
  assert.ok(mae <= 0.1, `mean error of the published count: ${mae}`)
})

test.run()
