import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countedOnClip } from './scene-on-clips.ts'

const test = suite('scene on vtest')

test('in a busy street the line is crossed 5 times in and 9 times out, give or take one, and the count does not flicker', async () => {
  const result = await countedOnClip('vtest')
  if (result === null) return
  const { into, out, flicker, mae } = result
  assert.ok(Math.abs(into - 5) <= 1 && Math.abs(out - 9) <= 1, `${into} in, ${out} out`)
  assert.ok(flicker <= 1.5, `${flicker} published changes a true one`)
  assert.ok(mae <= 0.6, `mean error of the published count: ${mae}`)
})

test.run()
