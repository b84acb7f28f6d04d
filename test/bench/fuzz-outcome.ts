import { processTree } from '../support/process-tree.ts'
import type { FuzzedAgent } from './fuzz-agent.ts'
import { bugsIn, FuzzWatch, type Size, settledSize, strayFiles, type Watched } from './fuzz-watch.ts'
import { atMost, type BenchRow, median } from './row.ts'

/** What sends something nasty. */
export interface Fuzzer {
  /** So many of them, and leaves the agent as it was. */
  send(count: number): Promise<void>
  /** How often each kind of answer came. */
  readonly answers: Readonly<Record<string, number>>
  /** Answers that should not have come, or should have: each with what was sent. */
  readonly faults: readonly string[]
}

/** What came of a run. */
export interface FuzzOutcome extends Watched {
  readonly sent: number
  readonly answers: Readonly<Record<string, number>>
  /** Those of the fuzzer, bugs in the log, stray files. */
  readonly faults: readonly string[]
  readonly processes: { readonly before: number; readonly after: number }
  /** After each part of it. */
  readonly sizes: readonly Size[]
}

const DEFAULT_SEED = 20_260_401
/** The memory of a busy agent goes up and down by 10 MB: medians of some parts are compared, the first ones left out, which warm it up. */
const MOST_PARTS = 20
const LEAST_PER_PART = 1_000
const EARLY = { from: 4, to: 9 }
const LATE = { from: 15, to: 20 }
/** 250 bytes kept of each of the 55,000 between the two would be more than this. */
const GROWTH_LIMIT_MB = 13
const GROWTH_LIMIT_FILES = 8
const HEALTH_LIMIT_MS = 5_000
/** What may be started for a moment: tests of sources, streams that are added until the next tidying. */
const MOST_EXTRA_PROCESSES = 16

/** Says which it takes. */
export function fuzzSeed(): number {
  const seed = Number(process.env['HEADCOUNT_FUZZ_SEED'] ?? DEFAULT_SEED)
  process.stderr.write(`seed ${seed}; HEADCOUNT_FUZZ_SEED chooses another\n`)
  return seed
}

/** Lets a fuzzer loose on an agent, and looks at what that did to it. The same agent has to live through it, and to count afterwards. */
export async function fuzz(fuzzed: FuzzedAgent, fuzzer: Fuzzer, count: number): Promise<FuzzOutcome> {
  const { agent } = fuzzed
  const before = processTree(agent.pid).length
  await using watch = new FuzzWatch(agent)
  const sizes: Size[] = []
  const parts = Math.min(MOST_PARTS, Math.ceil(count / LEAST_PER_PART))
  for (let part = 0; part < parts; part++) {
    await fuzzer.send(Math.ceil((count - part) / parts))
    sizes.push(await settledSize(agent))
  }
  await fuzzed.counts()
  const after = processTree(agent.pid).length
  const stray = strayFiles(agent).map((name) => `a file that nobody should have made: ${name}`)
  const faults = [...fuzzer.faults, ...bugsIn(agent), ...stray]
  return { sent: count, answers: fuzzer.answers, faults, processes: { before, after }, sizes, ...watch.seen }
}

/** The figures of a run, and what was wrong on standard error. */
export function outcomeRows(name: string, outcome: FuzzOutcome): BenchRow[] {
  const { sent, answers, faults, processes, sizes, slowestHealthMs, mostProcesses } = outcome
  for (const fault of faults.slice(0, 20)) process.stderr.write(`${fault}\n`)
  process.stderr.write(`MB after each part: ${sizes.map(({ mb }) => mb.toFixed(1)).join(' ')}\n`)
  const [early, late] = [EARLY, LATE].map(({ from, to }) => medianSize(sizes.slice(from, to))) as [Size, Size]
  return [
    { metric: `${name}.sent`, value: sent, unit: '' },
    atMost(`${name}.faults`, faults.length, '', 0),
    atMost(`${name}.growth_mb`, late.mb - early.mb, 'MB', GROWTH_LIMIT_MB),
    { metric: `${name}.size_mb`, value: late.mb, unit: 'MB' },
    atMost(`${name}.descriptors_grown`, late.descriptors - early.descriptors, '', GROWTH_LIMIT_FILES),
    atMost(`${name}.processes_grown`, processes.after - processes.before, '', 0),
    atMost(`${name}.most_extra_processes`, mostProcesses - processes.before, '', MOST_EXTRA_PROCESSES),
    atMost(`${name}.slowest_health_ms`, slowestHealthMs, 'ms', HEALTH_LIMIT_MS),
    ...Object.entries(answers).map(([answer, times]) => ({ metric: `${name}.answers[${answer}]`, value: times, unit: '' })),
  ]
}

function medianSize(sizes: readonly Size[]): Size {
  return { mb: median(sizes.map(({ mb }) => mb)), descriptors: median(sizes.map(({ descriptors }) => descriptors)) }
}
