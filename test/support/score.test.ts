import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { score, truthOf } from './score.ts'

const box = (x1: number) => ({ x1, y1: 0.2, x2: x1 + 0.1, y2: 0.6 })
const frame = (number: number, xs: readonly number[], ambiguous = false) => ({
  frame: number,
  count: xs.length,
  boxes: xs.map(box),
  ambiguous,
})

const test = suite('score')

test('the truth scores full marks against itself', () => {
  const truth = truthOf('vtest')
  assert.is(truth.length, 795)
  const perfect = score(truth, new Map(truth.map(({ frame: number, boxes }) => [number, boxes])))
  assert.equal(perfect, { frames: 795, precision: 1, recall: 1, countMae: 0, exact: 1 })
})

test('a person found twice is a false find, and a box half beside somebody is none', () => {
  const result = score([frame(0, [0.1, 0.5])], new Map([[0, [box(0.1), box(0.11), box(0.56)]]]))
  assert.equal(result, { frames: 1, precision: 1 / 3, recall: 1 / 2, countMae: 1, exact: 0 })
})

test('ambiguous frames and frames nobody looked at are left out', () => {
  const truth = [frame(0, [0.1]), frame(1, [0.1], true), frame(2, [0.1])]
  assert.is(score(truth, new Map([0, 1].map((number) => [number, [box(0.1)]]))).frames, 1)
  assert.is(truthOf('one-by-one-person-detection').filter(({ ambiguous }) => ambiguous).length, 58)
})

test.run()
