import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { noUniques, stepUniques, uniquesInHour } from '../../agent/counting/uniques.ts'
import { randomFrom } from '../tracking/random.ts'

const MINUTE_MS = 60_000

const test = suite('uniques')

test('counts who came in the last hour', () => {
  let state = stepUniques(noUniques, 2, 5 * MINUTE_MS)
  state = stepUniques(state, 1, 20 * MINUTE_MS)
  assert.is(uniquesInHour(state, 20 * MINUTE_MS), 3)
  assert.is(uniquesInHour(state, 64.9 * MINUTE_MS), 3)
  assert.is(uniquesInHour(state, 65 * MINUTE_MS), 1)
  assert.is(uniquesInHour(state, 80 * MINUTE_MS), 0)
})

test('nobody new is nothing new', () => {
  assert.is(stepUniques(noUniques, 0, 0), noUniques)
})

test('is right within a minute, and small, over days of any traffic', () => {
  const random = randomFrom(41)
  const came: number[] = []
  let state = noUniques
  let nowMs = 1e9
  for (let step = 0; step < 20_000; step++) {
    nowMs += random() ** 8 * 30 * MINUTE_MS
    const persons = Math.floor(random() * 3)
    for (let one = 0; one < persons; one++) came.push(nowMs)
    state = stepUniques(state, persons, nowMs)
    while (came[0] !== undefined && came[0] < nowMs - 60 * MINUTE_MS) came.shift()
    const surely = came.filter((timeMs) => timeMs > nowMs - 59 * MINUTE_MS).length
    const counted = uniquesInHour(state, nowMs)
    assert.ok(counted >= surely && counted <= came.length, `${counted} is between ${surely} and ${came.length}`)
    assert.ok(state.minutes.length <= 60)
  }
})

test.run()
