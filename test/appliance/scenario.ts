import type { Suite } from './base-root.ts'
import type { Machine } from './machine.ts'

/** What a scenario gets to work with. */
export interface Given {
  /** Off; its files may be written before it boots. */
  readonly machine: Machine
  readonly suite: Suite
  /** The checkout that is installed. */
  readonly source: string
  /** Says something in the run's log. */
  readonly tell: (text: string) => void
}

/** One thing that an appliance has to bear, from a machine that is off to a figure. */
export interface Scenario {
  /** What happens. */
  readonly title: string
  /** What the seconds are, as the end of "seconds until …". */
  readonly until: string
  readonly limitMs: number
  /** A bare Debian, or a copy of what the scenario that is the base has left. */
  readonly from: 'bare' | 'installed'
  /** What it leaves is what the others begin with. */
  readonly isBase?: true
  /** Throws when it does not hold; gives the seconds. */
  run(given: Given): Promise<number>
}

/** Seconds since `fromMs` of performance.now(). */
export function secondsSince(fromMs: number): number {
  return (performance.now() - fromMs) / 1_000
}
