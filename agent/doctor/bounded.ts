import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from './finding.ts'

/** One check by its name. */
export interface Check {
  readonly check: string
  readonly find: () => Promise<readonly Finding[]>
}

export interface Bounds {
  readonly limitMs: number
  /** Ends the check: it rejects with the reason. */
  readonly signal: AbortSignal
}

/** What a check finds; one that hangs (a dead disk, a driver that does not answer) is a finding of its own, and nobody waits for it. */
export async function bounded({ check, find }: Check, { limitMs, signal }: Bounds): Promise<readonly Finding[]> {
  const over = new AbortController()
  try {
    const found = find()
    const late = sleep(limitMs, null, { signal: AbortSignal.any([over.signal, signal]) })
    // The one that loses the race may still reject.
    for (const each of [found, late]) each.catch(() => undefined)
    const findings = await Promise.race([found, late])
    if (findings !== null) return findings
  } finally {
    over.abort()
  }
  const what = `This check gave no answer within ${limitMs / 1_000} s.`
  const why = 'What it asks hangs: a disk, a driver or a network file system.'
  return [{ check, severity: 'warning', what, why, remedy: 'Look into "sudo dmesg" for what does not answer, and run doctor again.' }]
}
