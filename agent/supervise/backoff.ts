const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/**
 * Rest before the next try after `failures` (1, 2, 3, …) in a row: doubles from 1 s to 60 s, of which the upper half is
 * jitter, so that many cameras behind one dead switch do not come back in step. `jitter` is 0–1, passed in by tests.
 */
export function restartDelayMs(failures: number, jitter = Math.random()): number {
  const ceilingMs = Math.min(FIRST_MS * 2 ** Math.max(0, failures - 1), LONGEST_MS)
  return ceilingMs / 2 + (ceilingMs / 2) * jitter
}
