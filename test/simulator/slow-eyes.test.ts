import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openModel } from '../hailort/opened-model.ts'
import { simulatedHere } from '../hailort/simulator.ts'
import { randomFrom } from '../tracking/random.ts'

const npu = await simulatedHere()
const eyes = join(dirname(npu.env['HAILORT_LIB'] ?? ''), 'libhailort-sim-vision.so')
const SIDE = 640
/** HOG needs several times as long for a picture of this size, and a chip's thread wakes up within it. */
const TIMEOUT_MS = 50

const test = suite('slow eyes')

test('a CPU that is slow to look is no chip that hangs: what eyes take does not count as waiting', async () => {
  if (!existsSync(eyes)) return
  const input = { name: 'net/input', width: SIDE, height: SIDE }
  await using opened = await openModel(npu, { input, detector: { kind: 'hog' } }, { timeoutMs: TIMEOUT_MS, queueSize: 2 })
  const random = randomFrom(7)
  const picture = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 256 * random())
  const startedMs = performance.now()
  const answers = await opened.model.infer([picture, picture, picture, picture])
  const lookMs = (performance.now() - startedMs) / answers.length
  assert.ok(lookMs > TIMEOUT_MS, `a look of ${lookMs} ms proves nothing`)
})

test.run()
