import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stepSmoothing, unknownCount } from '../../agent/counting/smoothing.ts'
import { randomFrom } from '../tracking/random.ts'
import { forSeeds, wholeFrom } from './seeds.ts'

/** What is told after each count, at so many a second. */
function told(counts: readonly (number | null)[], fps: number): (number | null)[] {
  let state = unknownCount
  return counts.map((count, look) => {
    state = stepSmoothing(state, count, 5_000 + (look * 1_000) / fps)
    return state.count
  })
}

const steady = (count: number, looks: number) => Array<number>(looks).fill(count)
const changes = (counts: readonly (number | null)[]) => counts.filter((count, index) => index > 0 && count !== counts[index - 1]).length
const PACES = [1, 2, 3, 5, 7.5, 10, 15, 25, 30]

const test = suite('smoothing')

test('the first count is told at once, and unknown is', () => {
  assert.equal(told([null, 4, 4, null, 0, 0], 10), [null, 4, 4, null, 0, 0])
})

test('one missed or invented look changes nothing, at any pace', () => {
  for (const fps of PACES)
    for (const [count, wrong] of [
      [3, 2],
      [3, 4],
      [1, 0],
      [0, 1],
      [5, 0],
    ] as const)
      assert.equal(told([...steady(count, 5), wrong, ...steady(count, 5)], fps), steady(count, 11), `${fps} a second`)
})

test('looks that are wrong now and then change nothing', () => {
  const random = randomFrom(31)
  for (const fps of PACES) {
    const counts = [4]
    while (counts.length < 600) counts.push(counts.at(-1) !== 4 || random() > 0.25 ? 4 : 3 + 2 * Math.round(random()))
    assert.is(changes(told(counts, fps)), 0, `${fps} a second`)
  }
})

test('a true change is told within half a second at 10 to 30 looks a second, and at the second look at fewer', () => {
  for (const fps of PACES)
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [3, 4],
      [6, 2],
    ] as const) {
      const after = told([...steady(from, 40), ...steady(to, 40)], fps).slice(40)
      const delayMs = (after.indexOf(to) * 1_000) / fps
      assert.ok(delayMs <= Math.max(fps >= 7 ? 400 : 500, 1_000 / fps + 1e-9), `${delayMs} ms at ${fps} a second`)
      assert.ok(changes(after) <= 1)
    }
})

test('a true change is told within half a second at 30 a second although each tenth look misses it', () => {
  const after = told([...steady(2, 30), ...Array.from({ length: 30 }, (_, look) => (look % 10 === 5 ? 2 : 3))], 30).slice(30)
  assert.ok(after.indexOf(3) > 0 && after.indexOf(3) <= 15, `${after.indexOf(3)} looks`)
})

test('a detector that cannot decide does not flicker', () => {
  assert.is(
    changes(
      told(
        Array.from({ length: 900 }, (_, look) => 5 + (look % 2)),
        30,
      ),
    ),
    0,
  )
})

test('people who come one after the other are followed', () => {
  const counts = [...steady(0, 30), ...steady(1, 8), ...steady(2, 8), ...steady(3, 40)]
  assert.is(told(counts, 30).at(-1), 3)
  assert.ok(changes(told(counts, 30)) <= 3)
})

test('what was doubted before the unknown is forgotten', () => {
  assert.equal(told([2, 2, 3, 3, null, 2, 3, 2], 10), [2, 2, 2, 2, null, 2, 2, 2])
})

test('people who come and go are told within half a second at 30 a second, although a look is wrong now and then, and nothing else is told', () => {
  forSeeds(300, (random) => {
    const truth = [wholeFrom(random, 0, 4)]
    const counts = [truth[0] ?? 0]
    let sinceWrong = 0
    for (let stay = 0; stay < 12; stay++) {
      const last = truth.at(-1) ?? 0
      const next = Math.max(0, last + (random() < 0.5 ? -1 : 1) * wholeFrom(random, 1, 2))
      for (let looks = wholeFrom(random, 30, 90); looks > 0; looks--) {
        const isWrong = ++sinceWrong > 15 && random() < 0.1
        if (isWrong) sinceWrong = 0
        truth.push(next)
        counts.push(isWrong ? wholeFrom(random, 0, 6) : next)
      }
    }
    const said = told(counts, 30)
    for (const [look, count] of said.entries()) {
      const lately = truth.slice(Math.max(0, look - 15), look + 1)
      assert.ok(count !== null && lately.includes(count), `${count} is told at look ${look}, true were ${lately.join(' ')}`)
    }
    assert.ok(changes(said) <= changes(truth))
  })
})

test('whatever comes: never more changes than there were, never a count that was not seen lately, and in the end the truth', () => {
  forSeeds(400, (random) => {
    const fps = 1 + random() * 29
    const counts: (number | null)[] = []
    while (counts.length < 300) {
      const count = random() < 0.05 ? null : Math.floor(random() * 6)
      for (let looks = Math.floor(random() ** 3 * 60); looks >= 0; looks--) counts.push(count)
    }
    counts.push(...steady(3, 31))
    const said = told(counts, fps)
    assert.ok(changes(said) <= changes(counts))
    assert.is(said.at(-1), 3)
    for (const [look, count] of said.entries()) {
      assert.is(count === null, counts[look] === null)
      const lately = counts.slice(Math.max(0, look - 120), look + 1)
      if (count !== null && look > 0 && said[look - 1] !== count) assert.ok(lately.includes(count), `${count} at look ${look}`)
    }
  })
})

test('a clock that stands still or jumps decides nothing by itself', () => {
  let state = stepSmoothing(unknownCount, 1, 1_000)
  for (let look = 0; look < 50; look++) state = stepSmoothing(state, 2, 1_000)
  assert.is(state.count, 1)
  state = stepSmoothing(stepSmoothing(unknownCount, 1, 1_000), 2, 9_000_000)
  assert.is(state.count, 1)
  assert.ok((state.doubt?.counts.length ?? 0) < 100)
})

test.run()
