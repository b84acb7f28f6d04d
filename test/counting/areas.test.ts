import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Inside, insideOf, nobodyInside, type Passage, setInside, stepInside } from '../../agent/counting/areas.ts'
import { forSeeds, wholeFrom } from './seeds.ts'

const shop = { id: 'shop', entrances: ['door/entrance', 'yard/gate'] }
const office = { id: 'office', entrances: ['yard/gate'] }

const passage = (entrance: string, type: Passage['type'] = 'line_in'): Passage => {
  const [stream = '', line = ''] = entrance.split('/')
  return { type, stream, line }
}

const after = (passages: readonly Passage[], start: Inside = nobodyInside) =>
  passages.reduce((inside, one) => stepInside(inside, [shop, office], one), start)

const test = suite('areas')

test('adds who comes in over all entrances and takes off who goes out', () => {
  const inside = after([passage('door/entrance'), passage('yard/gate'), passage('door/entrance'), passage('yard/gate', 'line_out')])
  assert.is(insideOf(inside, 'shop'), 2)
  assert.is(insideOf(inside, 'office'), 0)
})

test('other lines, and lines of the same name of other streams, are no entrances', () => {
  assert.is(after([passage('door/till'), passage('cellar/entrance')]), nobodyInside)
})

test('is never below nobody, and the next who comes in is one', () => {
  const inside = after([passage('door/entrance', 'line_out'), passage('door/entrance', 'line_out'), passage('door/entrance')])
  assert.is(insideOf(inside, 'shop'), 1)
})

test('can be set, and counts on from there', () => {
  const inside = after([passage('door/entrance', 'line_out')], setInside(after([passage('door/entrance')]), 'shop', 12))
  assert.is(insideOf(inside, 'shop'), 11)
  assert.is(insideOf(setInside(inside, 'shop', 0), 'shop'), 0)
})

test('cannot be set to what is no number of people', () => {
  const inside = setInside(nobodyInside, 'shop', 3)
  for (const value of [-1, 2.5, Number.NaN, Infinity, 2 ** 60]) assert.is(setInside(inside, 'shop', value), inside)
})

test('whatever passes and whatever is set, in areas that share entrances: in − out since then, never below 0, each for itself', () => {
  forSeeds(200, (random) => {
    const lines = ['door/entrance', 'yard/gate', 'yard/till', 'cellar/hatch']
    const areas = ['shop', 'office', 'store'].map((id) => ({ id, entrances: lines.filter(() => random() < 0.5) }))
    const truth = new Map(areas.map(({ id }) => [id, 0]))
    let inside = nobodyInside
    for (let step = 0; step < 200; step++) {
      const entrance = lines[wholeFrom(random, 0, lines.length - 1)] ?? ''
      const type = random() < 0.5 ? 'line_in' : 'line_out'
      if (random() < 0.03) {
        const [id, value] = [areas[wholeFrom(random, 0, 2)]?.id ?? '', wholeFrom(random, 0, 20)]
        inside = setInside(inside, id, value)
        truth.set(id, value)
      } else {
        inside = stepInside(inside, areas, passage(entrance, type))
        for (const { id, entrances } of areas) {
          const before = truth.get(id) ?? 0
          if (entrances.includes(entrance)) truth.set(id, type === 'line_in' ? before + 1 : before === 0 ? 0 : before - 1)
        }
      }
      for (const { id } of areas) assert.is(insideOf(inside, id), truth.get(id), `${id} after step ${step}`)
    }
  })
})

test.run()
