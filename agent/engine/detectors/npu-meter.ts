import type { NpuFacts, NpuStats } from '../messages.ts'
import type { Npu } from './detector.ts'

/** Sums since the model was configured, as the binding counts them. */
interface Counters {
  readonly frames: number
  readonly busyMs: number
  readonly queueAgeMs: number
}

export interface NpuMeterParts {
  readonly facts: NpuFacts
  /** What a full batch is. */
  readonly batchSize: number
  readonly counters: () => Counters
  /** Of the hotter sensor, in °C. */
  readonly temperature: () => Promise<number>
  readonly nowMs: () => number
}

/** Temperatures move slowly, and asking takes the chip's control channel. */
const TEMPERATURE_EVERY_MS = 5_000

/** Says what the NPU did between two looks. */
export class NpuMeter implements Npu {
  readonly facts: NpuFacts
  readonly #parts: NpuMeterParts
  #before: Counters & { readonly atMs: number }
  #batches = { count: 0, frames: 0 }
  #temperatureC: number | null = null
  #askedMs = -Infinity
  #asking = false

  constructor(parts: NpuMeterParts) {
    this.#parts = parts
    this.facts = parts.facts
    this.#before = { ...parts.counters(), atMs: parts.nowMs() }
  }

  /** A batch of so many frames is on its way. */
  sent(frames: number): void {
    this.#batches = { count: this.#batches.count + 1, frames: this.#batches.frames + frames }
  }

  stats(): NpuStats {
    const before = this.#before
    const after = { ...this.#parts.counters(), atMs: this.#parts.nowMs() }
    const { count, frames: sent } = this.#batches
    this.#before = after
    this.#batches = { count: 0, frames: 0 }
    this.#askTemperature(after.atMs)
    const answered = after.frames - before.frames
    return {
      utilisation: Math.min(1, (after.busyMs - before.busyMs) / Math.max(1, after.atMs - before.atMs)),
      temperatureC: this.#temperatureC,
      batchFill: count === 0 ? null : Math.min(1, sent / (count * this.#parts.batchSize)),
      queueAgeMs: answered === 0 ? null : (after.queueAgeMs - before.queueAgeMs) / answered,
    }
  }

  #askTemperature(nowMs: number): void {
    if (this.#asking || nowMs - this.#askedMs < TEMPERATURE_EVERY_MS) return
    this.#asking = true
    this.#askedMs = nowMs
    void this.#parts
      .temperature()
      // A chip that does not say it may count people all the same.
      .catch(() => null)
      .then((temperatureC) => {
        this.#temperatureC = temperatureC
        this.#asking = false
      })
  }
}
