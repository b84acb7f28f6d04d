import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openDetector } from '../../../agent/engine/detectors/open.ts'
import type { Backend } from '../../../agent/engine/messages.ts'
import { AgentError } from '../../../agent/errors.ts'
import { defaultOrder } from '../../support/default-order.ts'
import { writableRing } from './clip-ring.ts'

const order = (backend: Backend) => defaultOrder(backend, { batchSize: 1, maxBatch: 4 })

const test = suite('open detector')

test('null:MS answers three people for every frame that is there, and says that it is simulated', async () => {
  await using detector = await openDetector(order('null:5'))
  assert.is(detector.backend, 'null:5')
  assert.ok(detector.simulated)
  using target = writableRing({ width: 64, height: 32 }, 4)
  const seqs = Array.from({ length: 5 }, () => target.put(new Uint8Array(64 * 32 * 1.5)))
  const found = await detector.detect(seqs.map((seq) => ({ stream: 'a', ring: target.ring, seq })))
  assert.equal(
    found.map((result) => result?.boxes.length ?? null),
    [null, 3, 3, 3, 3],
  )
  assert.equal(
    found.slice(1).map((result) => result?.info.seq),
    seqs.slice(1),
  )
})

test('null:MS leaves the event loop free', async () => {
  await using detector = await openDetector(order('null:200'))
  let turns = 0
  let turning = setImmediate(function turn() {
    turns++
    turning = setImmediate(turn)
  })
  await detector.detect([])
  clearImmediate(turning)
  assert.ok(turns >= 3, `${turns} turns`)
})

test('a null detector without a time is refused with a remedy', async () => {
  const error = await openDetector(order('null:soon' as 'null:0')).catch((cause: unknown) => cause)
  assert.ok(error instanceof AgentError)
  assert.is(error.code, 'BACKEND_UNAVAILABLE')
})

test('onnx without a model is a missing model', async () => {
  const error = await openDetector(order('onnx')).catch((cause: unknown) => cause)
  assert.ok(error instanceof AgentError)
  assert.is(error.code, 'MODEL_MISSING')
})

test.run()
