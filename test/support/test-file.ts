import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { groupEnded, killGroup } from './process-group.ts'
import { skipsIn } from './skip.ts'

/** How one test file went. */
export interface FileResult {
  /** Without those that said they do nothing here. */
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Why tests did nothing here. */
  readonly skips: readonly string[]
  readonly seconds: number
  /** Why the file counts as failed beyond its own assertions; null when it does not. */
  readonly fault: string | null
  readonly output: string
}

export interface FileOptions {
  readonly limitMs: number
  /** How long what the file started may outlive it. */
  readonly graceMs?: number
  readonly signal: AbortSignal
}

interface Totals {
  /** Without the skipped ones. */
  readonly total: number
  readonly passed: number
  readonly skipped: number
}

/** The sums uvu prints at the end of a file; null when it did not come that far. */
export function uvuTotals(output: string): Totals | null {
  const [total, passed, skipped] = ['Total', 'Passed', 'Skipped'].map((name) => {
    const last = [...output.matchAll(new RegExp(`^ {2}${name}: +(\\d+)\\s*$`, 'gm'))].at(-1)
    return last?.[1] === undefined ? null : Number(last[1])
  })
  if (total == null || passed == null || skipped == null) return null
  return { total, passed, skipped }
}

/** Runs one built test file as a process group of its own, of which nothing is left afterwards. */
export async function runTestFile(path: string, { limitMs, graceMs = 3_000, signal }: FileOptions): Promise<FileResult> {
  const started = performance.now()
  const child = spawn(process.execPath, [path], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HEADCOUNT_TEST: '1', FORCE_COLOR: '0' },
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text))
  const closed = once(child, 'close')
  await once(child, 'spawn')
  const group = child.pid ?? 0

  const inTime = await endsWithin(child, limitMs, signal)
  const left = inTime ? await groupEnded(group, graceMs) : []
  killGroup(group)
  await closed

  const text = output.join('')
  const totals = uvuTotals(text)
  const fault = inTime ? faultOf(child, totals, left) : `not done after ${limitMs / 1_000} s: killed`
  const skips = skipsIn(text)
  return {
    passed: Math.max(0, (totals?.passed ?? 0) - skips.length),
    failed: (totals ? totals.total - totals.passed : 0) + (fault === null ? 0 : 1),
    skipped: (totals?.skipped ?? 0) + skips.length,
    skips,
    seconds: (performance.now() - started) / 1_000,
    fault,
    output: text,
  }
}

async function endsWithin(child: ChildProcess, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  return once(child, 'exit', { signal: limit }).then(
    () => true,
    () => false,
  )
}

/** What makes a file fail beyond its own assertions: without this a file that crashes or runs nothing would look fine. */
function faultOf(child: ChildProcess, totals: Totals | null, left: readonly string[]): string | null {
  if (left.length > 0) return `left processes behind: ${left.join(', ')}`
  if (totals === null || child.exitCode !== 0) {
    const assertionsFailed = totals !== null && totals.passed < totals.total
    return assertionsFailed ? null : `ended with ${child.signalCode ?? `exit code ${child.exitCode ?? 'none'}`} before uvu's sums`
  }
  return totals.total + totals.skipped === 0 ? 'ran no test' : null
}
