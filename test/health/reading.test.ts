import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Reading } from '../../agent/health/reading.ts'

const test = suite('reading')
const LONG_MS = 60_000

test('gives what is read, each time anew', async () => {
  let reads = 0
  const reading = new Reading(async () => ++reads, LONG_MS)
  assert.equal([await reading.now(), await reading.now()], [1, 2])
})

test('runs once for all who ask at the same time', async () => {
  let reads = 0
  const reading = new Reading(async () => ++reads, LONG_MS)
  assert.equal(await Promise.all([reading.now(), reading.now(), reading.now()]), [1, 1, 1])
})

test('does not know what cannot be read, and tries again the next time', async () => {
  let broken = true
  const reading = new Reading(async () => {
    if (broken) throw new Error('no such file')
    return 'read'
  }, LONG_MS)
  assert.is(await reading.now(), null)
  broken = false
  assert.is(await reading.now(), 'read')
})

test('waits no longer than its limit for one that hangs, and starts no second one until it is through', async () => {
  let reads = 0
  let finish: (value: string) => void = () => undefined
  const reading = new Reading(() => {
    reads++
    return new Promise<string>((resolve) => {
      finish = resolve
    })
  }, 10)
  assert.equal([await reading.now(), await reading.now(), await reading.now()], [null, null, null])
  assert.is(reads, 1)
  finish('late')
  assert.is(await reading.now(), 'late')
  const next = reading.now()
  assert.is(reads, 2)
  finish('anew')
  assert.is(await next, 'anew')
})

test.run()
