const MS_PER_S = 1_000
const NS_PER_MS = 1e6

/** CLOCK_MONOTONIC in milliseconds: the clock of the ring, the same in all processes. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * MS_PER_S + nanoseconds / NS_PER_MS
}
