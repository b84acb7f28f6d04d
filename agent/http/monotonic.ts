/** CLOCK_MONOTONIC in milliseconds: the clock of the frames in a ring. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
