import { type ProcessFacts, processFacts } from './process-facts.ts'
import { Reading } from './reading.ts'

/** A process of headcount, as whoever supervises it knows it. */
export interface ProcessRun {
  /** As `ps` shows it, for example `headcount: capture door`. */
  readonly title: string
  /** null: it does not run now. */
  readonly pid: number | null
  /** How often it was started again. */
  readonly restarts: number
  readonly uptimeS: number
}

export type ProcessVitals = ProcessRun & ProcessFacts

const UNKNOWN: ProcessFacts = { memoryBytes: null, cpuSeconds: null }
const LIMIT_MS = 1_000

/** What the processes of headcount take. A process that is stuck in the kernel is unknown; the others are told all the same. */
export class ProcessReader {
  readonly #readings = new Map<number, Reading<ProcessFacts>>()

  async now(runs: readonly ProcessRun[]): Promise<ProcessVitals[]> {
    const pids = new Set(runs.map(({ pid }) => pid))
    for (const pid of this.#readings.keys()) if (!pids.has(pid)) this.#readings.delete(pid)
    return Promise.all(runs.map(async (run) => ({ ...run, ...((await this.#facts(run.pid)) ?? UNKNOWN) })))
  }

  async #facts(pid: number | null): Promise<ProcessFacts | null> {
    if (pid === null) return null
    const reading = this.#readings.get(pid) ?? new Reading(() => processFacts(pid), LIMIT_MS)
    this.#readings.set(pid, reading)
    return reading.now()
  }
}
