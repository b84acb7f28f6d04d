import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, RELEASES, type Suite } from './base-root.ts'
import type { Scenario } from './scenario.ts'

/** How a scenario went on one release. */
export interface Result {
  readonly ok: boolean
  readonly seconds: number
  /** Day of the run, YYYY-MM-DD. */
  readonly day: string
}

/** By title. */
export type Results = Readonly<Record<string, Result>>

const fileOf = (suite: Suite) => join(cacheFolder(), `results-${suite}.json`)

/** What runs on this machine gave; a scenario that has not run is not in it. */
export async function readResults(suite: Suite): Promise<Results> {
  const text = await readFile(fileOf(suite), 'utf8').catch(() => '{}') // No run yet.
  return JSON.parse(text) as Results
}

export async function addResult(suite: Suite, title: string, result: Result): Promise<void> {
  await writeFile(fileOf(suite), JSON.stringify({ ...(await readResults(suite)), [title]: result }, null, 2))
}

/** The table of the README, as Markdown. */
export function resultTable(scenarios: readonly Scenario[], results: Readonly<Partial<Record<Suite, Results>>>): string {
  const suites = (Object.keys(RELEASES) as Suite[]).filter((suite) => results[suite] !== undefined)
  const cell = (result: Result | undefined) =>
    result === undefined ? '–' : `${result.ok ? '' : '**failed** after '}${result.seconds.toFixed(1)} s (${result.day})`
  const rows = scenarios.map(({ title, until }) => [title, until, ...suites.map((suite) => cell(results[suite]?.[title]))])
  const head = ['what happens', 'seconds until', ...suites.map((suite) => RELEASES[suite])]
  return [head, head.map(() => '---'), ...rows].map((columns) => `| ${columns.join(' | ')} |`).join('\n')
}
