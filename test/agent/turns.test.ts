import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { Turns } from '../../agent/turns.ts'

const test = suite('turns')
const LONG_MS = 60_000

/** Something that ends when it is told to. */
function held(): { work: () => Promise<string>; end: () => void } {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { work: () => ended.then(() => 'held'), end: () => end() }
}

async function codeOf(taken: Promise<unknown>): Promise<string> {
  const error = await taken.catch((reason: unknown) => reason)
  return error instanceof AgentError ? error.code : `no AgentError: ${String(error)}`
}

test('are taken one after the other, also after one that failed', async () => {
  const turns = new Turns(LONG_MS)
  const done: number[] = []
  const each = [0, 1, 2].map((number) =>
    turns.take(async () => {
      await sleep(10 - number * 5)
      done.push(number)
      if (number === 0) throw new TypeError('unforeseen')
      return number
    }),
  )
  const outcomes = await Promise.allSettled(each)
  assert.equal(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason))),
    ['TypeError: unforeseen', 1, 2],
  )
  assert.equal(done, [0, 1, 2])
})

test('nobody waits for ever behind one that hangs; what was refused is not done later', async () => {
  const turns = new Turns(30)
  const { work, end } = held()
  const hanging = turns.take(work)
  let done = false
  const keepAwake = setInterval(() => undefined, 1_000)
  const late = turns.take(async () => {
    done = true
  })
  assert.is(await codeOf(late), 'CONFLICT')
  end()
  assert.is(await hanging, 'held')
  assert.is(await turns.take(async () => 'next'), 'next')
  assert.not(done)
  clearInterval(keepAwake)
})

test('who comes when one hangs already is refused at once', async () => {
  let nowMs = 0
  const turns = new Turns(LONG_MS, () => nowMs)
  const { work, end } = held()
  const hanging = turns.take(work)
  await new Promise(setImmediate)
  nowMs = LONG_MS
  assert.is(await codeOf(turns.take(async () => 'late')), 'CONFLICT')
  end()
  assert.is(await hanging, 'held')
  assert.is(await turns.take(async () => 'next'), 'next')
})

test.run()
