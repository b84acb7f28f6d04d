import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Occupancy, stepOccupancy, unknownOccupancy } from '../../agent/counting/occupancy.ts'
import { forSeeds, wholeFrom } from './seeds.ts'

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

interface Sample {
  readonly atMs: number
  readonly seen: boolean | null
}

/** What must be said by the rule alone: everything since the last change says otherwise, without a break, for long enough. */
function byTheRule(said: boolean | null, samples: readonly Sample[], { onAfterMs, offAfterMs }: typeof settings): boolean | null {
  const now = samples.at(-1)
  if (now === undefined || now.seen === null || now.seen === said) return said
  if (said === null) return now.seen
  const run = samples.slice(samples.findLastIndex(({ seen }) => seen !== now.seen) + 1)
  return now.atMs - (run[0]?.atMs ?? now.atMs) >= (now.seen ? onAfterMs : offAfterMs) ? now.seen : said
}

test('whatever is counted, missed, invented or not known, at whatever pace: changes exactly when the evidence has lasted', () => {
  let changes = 0
  forSeeds(300, (random) => {
    const own = { onAfterMs: wholeFrom(random, 0, 1_000), offAfterMs: wholeFrom(random, 0, 6_000), minPersons: wholeFrom(random, 1, 3) }
    const samples: Sample[] = []
    let state: Occupancy = unknownOccupancy
    let [atMs, persons] = [0, 0]
    for (let look = 0; look < 400; look++) {
      atMs += random() ** 4 * 2_000
      if (random() < 0.03) persons = wholeFrom(random, 0, 4)
      // Nobody looked, a look that misses or invents somebody, or the truth.
      const draw = random()
      const count = draw < 0.02 ? null : draw < 0.07 ? Math.max(0, persons + wholeFrom(random, -1, 1)) : persons
      const before = state.occupied
      state = stepOccupancy(state, count, atMs, own)
      samples.push({ atMs, seen: count === null ? null : count >= own.minPersons })
      assert.is(state.occupied, byTheRule(before, samples, own), `look ${look} at ${atMs}`)
      if (state.occupied === before) continue
      changes++
      samples.splice(0)
    }
  })
  assert.ok(changes > 300, `${changes} changes: no proof otherwise`)
})

test.run()
