/** When a value went out last and whether a newer one waits. */
export interface Throttle {
  readonly sentMs: number
  readonly waiting: boolean
}

/** Nothing sent yet: the first value goes out at once. */
export const freshThrottle: Throttle = { sentMs: Number.NEGATIVE_INFINITY, waiting: false }

/** What to do now: send, or look again after `restMs` (null: nothing is waiting). */
export interface ThrottleStep {
  readonly throttle: Throttle
  readonly send: boolean
  readonly restMs: number | null
}

/** Steps the throttle. The value itself stays with the caller, so what goes out at the end of a rest is always the newest. */
export function stepThrottle(
  throttle: Throttle,
  { changed, nowMs, intervalMs }: { changed: boolean; nowMs: number; intervalMs: number },
): ThrottleStep {
  const waiting = throttle.waiting || changed
  if (!waiting) return { throttle, send: false, restMs: null }
  const restMs = throttle.sentMs + intervalMs - nowMs
  if (restMs <= 0) return { throttle: { sentMs: nowMs, waiting: false }, send: true, restMs: null }
  return { throttle: { ...throttle, waiting }, send: false, restMs }
}
