import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keepAlive, type LifeEnd } from '../../agent/supervise/keep-alive.ts'

const test = suite('keep alive')

/** Lives as the list says and notes how many failures stood behind each rest. */
async function failuresAtEachRest(...lives: LifeEnd[]): Promise<number[]> {
  const rests: number[] = []
  const stop = new AbortController()
  await keepAlive({
    live: async () => lives.shift() ?? { ranWell: false, final: true },
    onRest: (_delayMs, failures) => rests.push(failures),
    delayMs: () => 1,
    signal: stop.signal,
  })
  return rests
}

test('rests longer with each failure, and begins anew after a good run', async () => {
  const bad = { ranWell: false }
  const good = { ranWell: true }
  assert.equal(await failuresAtEachRest(bad, bad, bad, good, bad), [1, 2, 3, 1, 2])
})

test('does not come back from a final end', async () => {
  assert.equal(await failuresAtEachRest({ ranWell: true, final: true }, { ranWell: false }), [])
})

test('ends at once when it is stopped while resting', async () => {
  const stop = new AbortController()
  const started = performance.now()
  await keepAlive({
    live: async () => ({ ranWell: false }),
    onRest: () => setImmediate(() => stop.abort()),
    delayMs: () => 60_000,
    signal: stop.signal,
  })
  assert.ok(performance.now() - started < 30_000)
})

test('passes a bug on instead of hiding it behind a restart', async () => {
  const stop = new AbortController()
  const ended = await keepAlive({
    live: async () => {
      throw new TypeError('a bug')
    },
    onRest: () => assert.unreachable('rested'),
    signal: stop.signal,
  }).catch((error: unknown) => error)
  assert.instance(ended, TypeError)
})

test.run()
