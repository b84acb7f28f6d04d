import type { Stage, StageTimes } from './messages.ts'

/** Enough for a p99 that one odd frame does not make. */
const SAMPLES = 256

/** What the last frames took in each stage. Pure. */
export class StageMeter {
  readonly #samples = new Map<Stage, number[]>()
  readonly #next = new Map<Stage, number>()

  add(stage: Stage, tookMs: number): void {
    const samples = this.#samples.get(stage) ?? []
    const next = this.#next.get(stage) ?? 0
    samples[next] = Math.max(0, tookMs)
    this.#samples.set(stage, samples)
    this.#next.set(stage, (next + 1) % SAMPLES)
  }

  /** Median and 99th percentile (nearest rank) of each stage that something has passed. */
  times(): Partial<Record<Stage, StageTimes>> {
    return Object.fromEntries(
      [...this.#samples].map(([stage, samples]) => {
        const sorted = samples.toSorted((a, b) => a - b)
        const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
        return [stage, { p50Ms: rank(0.5), p99Ms: rank(0.99) }]
      }),
    )
  }
}
