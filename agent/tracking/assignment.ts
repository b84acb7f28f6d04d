/** Costs of pairing row r with column c, at r × columns + c. */
export interface Costs {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

/**
 * Pairs rows with columns so that the sum of (cost − limit) over all pairs is as small as it can be: a pair is made only where it
 * pays, that is below `limit`; Infinity forbids. Returns each row's column, or −1. Shortest augmenting paths with potentials
 * (Hungarian method), O(small² × large).
 */
export function assign(costs: Costs, limit: number): Int32Array {
  const { rows, columns } = costs
  if (rows > columns) {
    const ofColumn = assign(transpose(costs), limit)
    const ofRow = new Int32Array(rows).fill(-1)
    for (const [column, row] of ofColumn.entries()) if (row >= 0) ofRow[row] = column
    return ofRow
  }
  // A pair that does not pay costs nothing, like no pair. Any set of pairs can then be filled up to a full assignment of the
  // rows without getting worse, and full assignments are what the method finds.
  const price = (row: number, column: number) => {
    const cost = at(costs.values, row * columns + column)
    return cost < limit ? cost - limit : 0
  }
  const rowOf = fullAssignment(rows, columns, price)
  const result = new Int32Array(rows).fill(-1)
  for (let column = 0; column < columns; column++) {
    const row = rowOf[column] ?? -1
    if (row >= 0 && price(row, column) < 0) result[row] = column
  }
  return result
}

/** The row of each column (−1: none) in the cheapest assignment of every row; rows ≤ columns. */
function fullAssignment(rows: number, columns: number, price: (row: number, column: number) => number): Int32Array {
  // Column number `columns` is a stand-in from which each row's search starts.
  const rowOf = new Int32Array(columns + 1).fill(-1)
  const rowPotential = new Float64Array(rows)
  const columnPotential = new Float64Array(columns + 1)
  const cameFrom = new Int32Array(columns + 1)
  const shortest = new Float64Array(columns + 1)
  const done = new Uint8Array(columns + 1)
  for (let start = 0; start < rows; start++) {
    rowOf[columns] = start
    shortest.fill(Infinity)
    done.fill(0)
    let column = columns
    while (at(rowOf, column) >= 0) {
      done[column] = 1
      const row = at(rowOf, column)
      let step = Infinity
      let next = -1
      for (let other = 0; other < columns; other++) {
        if (done[other]) continue
        const reduced = price(row, other) - at(rowPotential, row) - at(columnPotential, other)
        if (reduced < at(shortest, other)) {
          shortest[other] = reduced
          cameFrom[other] = column
        }
        if (at(shortest, other) < step) {
          step = at(shortest, other)
          next = other
        }
      }
      for (let other = 0; other <= columns; other++) {
        if (done[other]) {
          const owner = at(rowOf, other)
          rowPotential[owner] = at(rowPotential, owner) + step
          columnPotential[other] = at(columnPotential, other) - step
        } else shortest[other] = at(shortest, other) - step
      }
      column = next
    }
    while (column !== columns) {
      const previous = at(cameFrom, column)
      rowOf[column] = at(rowOf, previous)
      column = previous
    }
  }
  return rowOf.subarray(0, columns)
}

function transpose({ rows, columns, values }: Costs): Costs {
  const turned = new Float64Array(values.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = at(values, row * columns + column)
  return { rows: columns, columns: rows, values: turned }
}

/** An element that is known to exist. */
function at(array: Float64Array | Int32Array, index: number): number {
  return array[index] ?? Number.NaN
}
