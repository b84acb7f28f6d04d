import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assign, type Costs } from '../../agent/tracking/assignment.ts'
import { randomFrom } from './random.ts'

/** The sum of (cost − limit) over the pairs. */
function gain({ columns, values }: Costs, columnOf: ArrayLike<number>, limit: number): number {
  return Array.from(columnOf).reduce((sum, column, row) => sum + (column < 0 ? 0 : (values[row * columns + column] ?? 0) - limit), 0)
}

/** The best gain of all ways to pair, by trying them. */
function bestGain(costs: Costs, limit: number, row = 0, taken = 0): number {
  if (row === costs.rows) return 0
  let best = bestGain(costs, limit, row + 1, taken)
  for (let column = 0; column < costs.columns; column++) {
    const cost = costs.values[row * costs.columns + column] ?? Infinity
    if (taken & (1 << column) || cost >= limit) continue
    best = Math.min(best, cost - limit + bestGain(costs, limit, row + 1, taken | (1 << column)))
  }
  return best
}

function costs(...rows: number[][]): Costs {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, values: Float64Array.from(rows.flat()) }
}

const test = suite('assignment')

test('takes the best sum, not the best pair first', () => {
  assert.equal([...assign(costs([0.1, 0.2], [0.2, 0.9]), 1)], [1, 0])
})

test('pairs nothing at or above the limit, nor what is forbidden', () => {
  assert.equal([...assign(costs([1, Infinity], [Infinity, 1.5]), 1)], [-1, -1])
})

test('leaves a row without a pair where that is better for the sum', () => {
  assert.equal([...assign(costs([0.1], [0.3], [0.2]), 1)], [0, -1, -1])
})

test('takes no rows and no columns for an answer', () => {
  assert.equal([...assign({ rows: 0, columns: 3, values: new Float64Array() }, 1)], [])
  assert.equal([...assign({ rows: 2, columns: 0, values: new Float64Array() }, 1)], [-1, -1])
})

test('is as good as trying every way, on 600 random tables of every shape', () => {
  const random = randomFrom(1)
  for (let round = 0; round < 600; round++) {
    const rows = 1 + Math.floor(random() * 6)
    const columns = 1 + Math.floor(random() * 6)
    // Few different values, so that there are ties; some pairs forbidden.
    const values = Float64Array.from({ length: rows * columns }, () => (random() < 0.2 ? Infinity : Math.floor(random() * 12) / 10))
    const table = { rows, columns, values }
    const columnOf = assign(table, 1)
    const used = [...columnOf].filter((column) => column >= 0)
    assert.is(new Set(used).size, used.length, 'no column twice')
    assert.ok(Math.abs(gain(table, columnOf, 1) - bestGain(table, 1)) < 1e-9, `round ${round}`)
  }
})

test.run()
