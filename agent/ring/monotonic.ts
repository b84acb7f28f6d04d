/** CLOCK_MONOTONIC in milliseconds: the clock of the frames in a ring, and the same in every process of this machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
