import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ConfigureOptions } from 'hailort-node/hailort'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openModel } from '../hailort/opened-model.ts'
import { simulatedHere } from '../hailort/simulator.ts'
import { randomFrom } from '../tracking/random.ts'

const npu = await simulatedHere()
const eyes = join(dirname(npu.env['HAILORT_LIB'] ?? ''), 'libhailort-sim-vision.so')
const SIDE = 640

/** Lets HOG look at so many pictures of noise; returns what one took, in ms. */
async function look(pictures: number, options: Partial<ConfigureOptions>): Promise<number> {
  const input = { name: 'net/input', width: SIDE, height: SIDE }
  await using opened = await openModel(npu, { input, detector: { kind: 'hog' } }, options)
  const random = randomFrom(7)
  const picture = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 256 * random())
  const startedMs = performance.now()
  const answers = await opened.model.infer(Array.from({ length: pictures }, () => picture))
  assert.is(answers.length, pictures)
  return (performance.now() - startedMs) / pictures
}

const test = suite('slow eyes')

test('a CPU that is slow to look is no chip that hangs: what eyes take does not count as waiting', async () => {
  if (!existsSync(eyes)) return
  const lookMs = await look(1, {})
  await look(4, { timeoutMs: Math.ceil(lookMs / 3), queueSize: 2 })
})

test.run()
