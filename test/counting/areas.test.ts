import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Inside, insideOf, nobodyInside, type Passage, setInside, stepInside } from '../../agent/counting/areas.ts'
import { randomFrom } from '../tracking/random.ts'

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

test('whatever passes: never below 0, and in − out unless somebody went out of an empty room', () => {
  const random = randomFrom(61)
  for (let round = 0; round < 200; round++) {
    let inside = nobodyInside
    let balance = 0
    for (let step = 0; step < 200; step++) {
      const type = random() < 0.5 ? 'line_in' : 'line_out'
      const before = insideOf(inside, 'shop')
      inside = stepInside(inside, [shop], passage(random() < 0.5 ? 'door/entrance' : 'yard/gate', type))
      if (type === 'line_in' || before > 0) balance += type === 'line_in' ? 1 : -1
      assert.is(insideOf(inside, 'shop'), balance)
      assert.ok(balance >= 0)
    }
  }
})

test.run()
