/** Somebody who crossed a line. */
export interface LineCrossing<Direction = 'in' | 'out'> {
  readonly direction: Direction
  /** On the clip's clock. */
  readonly atMs: number
}

/** What should have been counted at a line. */
export interface ExpectedCrossings {
  readonly in: number
  readonly out: number
  /** In order of time, the direction null where nobody says; null: only the totals are known. */
  readonly events: readonly LineCrossing<'in' | 'out' | null>[] | null
  /** A crossing counted this long before or after the true one is that one. */
  readonly toleranceMs: number
}

/** What was counted at a line beside what should have been; null where the truth says nothing of this line. */
export interface LineScore {
  readonly in: number
  readonly out: number
  readonly expectedIn: number | null
  readonly expectedOut: number | null
  /** True crossings that were not counted, and counted ones that are not true. */
  readonly missed: number | null
  readonly extra: number | null
}

/** Compares the crossings counted at one line, in order of time, with the truth. */
export function scoreLine(counted: readonly LineCrossing[], expected: ExpectedCrossings | null): LineScore {
  const countOf = (wanted: 'in' | 'out') => counted.filter(({ direction }) => direction === wanted).length
  const totals = { in: countOf('in'), out: countOf('out') }
  if (expected === null) return { ...totals, expectedIn: null, expectedOut: null, missed: null, extra: null }
  const matched =
    expected.events === null
      ? Math.min(totals.in, expected.in) + Math.min(totals.out, expected.out)
      : countMatches(counted, expected.events, expected.toleranceMs)
  return {
    ...totals,
    expectedIn: expected.in,
    expectedOut: expected.out,
    missed: expected.in + expected.out - matched,
    extra: counted.length - matched,
  }
}

/** The most pairs there can be: with one tolerance for all, each true crossing takes the earliest counted one still free. */
function countMatches(counted: readonly LineCrossing[], events: readonly LineCrossing<'in' | 'out' | null>[], toleranceMs: number): number {
  const free = [...counted]
  return events.filter(({ direction, atMs }) => {
    const index = free.findIndex((one) => (direction === null || one.direction === direction) && Math.abs(one.atMs - atMs) <= toleranceMs)
    if (index >= 0) free.splice(index, 1)
    return index >= 0
  }).length
}
