import { setTimeout as sleep } from 'node:timers/promises'
import { restartDelayMs } from './backoff.ts'

/** How one life of what is kept alive ended. */
export interface LifeEnd {
  /** It had worked long enough that this failure is a new one: the backoff starts again. */
  readonly ranWell: boolean
  /** Nothing to come back for (a file has ended). */
  readonly final?: boolean
}

export interface KeepAlive {
  /** One life, from start to the end of the process: it resolves only when the old one is gone. */
  readonly live: (signal: AbortSignal) => Promise<LifeEnd>
  /** Called before each rest. */
  readonly onRest: (delayMs: number, failures: number) => void
  readonly signal: AbortSignal
  readonly delayMs?: (failures: number) => number
}

/** Lives again and again, with a growing rest between failures, until a life is final or `signal` aborts. */
export async function keepAlive({ live, onRest, signal, delayMs = restartDelayMs }: KeepAlive): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    const { ranWell, final } = await live(signal)
    if (signal.aborted || final) return
    failures = ranWell ? 1 : failures + 1
    const restMs = delayMs(failures)
    onRest(restMs, failures)
    // Aborting cuts the rest short; the loop's condition ends it.
    await sleep(restMs, undefined, { signal }).catch(() => undefined)
  }
}
