import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Occupancy, stepOccupancy, unknownOccupancy } from '../../agent/counting/occupancy.ts'

const settings = { onAfterMs: 200, offAfterMs: 5_000, minPersons: 1 }

/** Steps through counts, one every `everyMs`, and returns what was said after each. */
function walk(counts: readonly (number | null)[], everyMs = 100, more: Partial<typeof settings> = {}): (boolean | null)[] {
  let state: Occupancy = unknownOccupancy
  return counts.map((count, index) => {
    state = stepOccupancy(state, count, index * everyMs, { ...settings, ...more })
    return state.occupied
  })
}

const test = suite('occupancy')

test('the first count decides at once', () => {
  assert.equal(walk([null, null, 2]), [null, null, true])
  assert.equal(walk([0]), [false])
})

test('is quickly on and slowly off', () => {
  assert.equal(walk([0, 1, 1, 1]), [false, false, false, true])
  const seen = walk([1, ...Array<number>(60).fill(0)])
  assert.is(seen.indexOf(false), 51)
})

test('one frame without anybody does not start over a presence, one with somebody starts over an absence', () => {
  assert.is(walk([0, 1, 0, 1, 0, 1, 0]).at(-1), false)
  const long = [1, ...Array<number>(40).fill(0), 1, ...Array<number>(40).fill(0)]
  assert.is(walk(long).at(-1), true)
})

test('not knowing never makes a room empty', () => {
  assert.is(walk([1, 0, ...Array<null>(200).fill(null), 0]).at(-1), true)
})

test('asks for as many people as it is told', () => {
  assert.equal(walk([0, 2, 2, 2, 2], 100, { minPersons: 3 }).at(-1), false)
  assert.equal(walk([0, 3, 3, 3], 100, { minPersons: 3 }).at(-1), true)
})

test('without delays it follows the count', () => {
  assert.equal(walk([0, 1, 0, 5], 100, { onAfterMs: 0, offAfterMs: 0 }), [false, true, false, true])
})

test.run()
