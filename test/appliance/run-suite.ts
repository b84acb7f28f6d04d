import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { baseRoot, cacheFolder, RELEASES, type Suite } from './base-root.ts'
import { Machine } from './machine.ts'
import { addResult } from './results.ts'
import { type Given, type Scenario, secondsSince } from './scenario.ts'

export interface SuiteOptions {
  readonly suite: Suite
  readonly scenarios: readonly Scenario[]
  readonly source: string
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/** Runs the scenarios on one release, one after the other, each in a machine of its own; gives how many failed. */
export async function runSuite({ suite, scenarios, source, signal, tell }: SuiteOptions): Promise<number> {
  tell(`\n${RELEASES[suite]} (${suite})\n`)
  const base = await baseRoot(suite, 'amd64', signal)
  const installed = join(cacheFolder(), `${suite}-installed`)
  let failed = 0
  for (const scenario of scenarios) {
    if (signal.aborted) break
    if (scenario.from === 'installed' && !existsSync(installed)) {
      tell(`FAIL  ${scenario.title}: there is no installation to begin with\n`)
      failed++
      continue
    }
    await using machine = await Machine.make(`appliance-${suite}`, scenario.from === 'bare' ? [base] : [installed, base])
    const fromMs = performance.now()
    const seconds = await within(
      scenario,
      { machine, suite, source, tell: (text) => tell(text.replace(/^(?=.)/gm, '        ')) },
      signal,
    ).catch(async (error: unknown) => {
      tell(`FAIL  ${scenario.title}\n${inspect(error)}\n`)
      tell(await machine.journal('--lines=80', '--output=short-precise').catch(String))
      return null
    })
    if (seconds === null) failed++
    else tell(`ok    ${scenario.title}: ${seconds.toFixed(1)} s until ${scenario.until}\n`)
    const day = new Date().toISOString().slice(0, 10)
    await addResult(suite, scenario.title, { ok: seconds !== null, seconds: seconds ?? secondsSince(fromMs), day })
    if (seconds !== null && scenario.isBase) await machine.keepAs(installed)
  }
  return failed
}

async function within(scenario: Scenario, given: Given, signal: AbortSignal): Promise<number> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(scenario.limitMs)])
  return new Promise((resolve, reject) => {
    limit.addEventListener(
      'abort',
      () => reject(new Error(signal.aborted ? 'Interrupted.' : `Not done after ${scenario.limitMs / 1_000} s.`)),
      {
        once: true,
      },
    )
    scenario.run(given).then(resolve, reject)
  })
}
