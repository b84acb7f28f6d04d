import { setTimeout as sleep } from 'node:timers/promises'

/** Only ends a test that would hang: a machine with much else to do may take four times as long as one with nothing. */
const HANG_MS = 30_000

export interface Eventually {
  /** What is waited for, as a statement. */
  readonly what: string
  readonly withinMs?: number
  readonly everyMs?: number
  /** Added to the error when it did not come true. */
  readonly log?: () => string
}

/** Asks until the answer is truthy and returns it; throws after the limit, saying what did not come true. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  { what, withinMs = HANG_MS, everyMs = 30, log }: Eventually,
): Promise<Exclude<Awaited<T>, false | null | undefined>> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer) return answer as Exclude<Awaited<T>, false | null | undefined>
    if (performance.now() > endMs) throw new Error(`Not within ${withinMs} ms: ${what}.${log ? `\n${log()}` : ''}`)
    await sleep(everyMs)
  }
}
