import { type CpuSample, cpuSample, type StatsParts, statsJson } from './stats.ts'
import { STATS } from './topics.ts'

/** What the publisher needs of the session. */
export interface PassingTopics {
  /** There is a broker to hear it. */
  readonly online: boolean
  /** Says something that is worth nothing later; without a broker it is lost. */
  pass(suffix: string, payload: string): boolean
}

export interface StatsPublisherOptions {
  readonly topics: PassingTopics
  /** Bounded in time by whoever gives it. */
  readonly read: () => Promise<StatsParts>
  readonly everyMs?: number
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

const EVERY_MS = 10_000

/**
 * Tells `stats` every ten seconds. Old ones are worth nothing: without a broker nothing is read, nothing is kept, and one that is still
 * being read when the next is due takes its place.
 */
export class StatsPublisher implements Disposable {
  readonly #options: StatsPublisherOptions
  readonly #timer: NodeJS.Timeout
  #before: CpuSample | null = null
  #busy = false
  #closed = false

  constructor(options: StatsPublisherOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#tell(), options.everyMs ?? EVERY_MS).unref()
  }

  async #tell(): Promise<void> {
    const { topics, read, now = () => performance.now() } = this.#options
    if (this.#busy || !topics.online) return
    this.#busy = true
    try {
      const parts = await read()
      const sample = cpuSample(parts.vitals.processes, now())
      const payload = statsJson(parts, this.#before, sample)
      this.#before = sample
      if (!this.#closed) topics.pass(STATS, payload)
    } finally {
      this.#busy = false
    }
  }

  /** Says nothing more. */
  [Symbol.dispose](): void {
    this.#closed = true
    clearInterval(this.#timer)
  }
}
