import type { NpuFacts, NpuStats } from '../engine/messages.ts'
import type { Fault } from '../errors.ts'
import type { NpuReport } from '../npu-report.ts'
import { failed, type Ladder, ladderFoot, type NextTry, type Rung, rebuilding, works } from './health-ladder.ts'

const noStats: NpuStats = { utilisation: 0, temperatureC: null, batchFill: null, queueAgeMs: null }

/** What is known of an NPU over all lives of its engine: what it is, how it does, and where on the health ladder it stands. */
export class NpuHealth {
  readonly #driverReload: boolean
  #ladder: Ladder = ladderFoot
  #facts: NpuFacts | null = null
  #stats: NpuStats = noStats
  #simulated: boolean
  #timeouts = 0
  #recoveries = 0
  #faulty = false

  /** `simulated`: what is to be believed until the engine says whether there is hardware behind it. */
  constructor({ driverReload, simulated }: { readonly driverReload: boolean; readonly simulated: boolean }) {
    this.#driverReload = driverReload
    this.#simulated = simulated
  }

  get rung(): Rung | null {
    return this.#ladder.rung
  }

  /** Lives that failed in a row. */
  get failures(): number {
    return this.#ladder.failures
  }

  /** Of the device that was opened last; null: none yet. */
  get facts(): NpuFacts | null {
    return this.#facts
  }

  get report(): NpuReport {
    return { ...this.#stats, timeouts: this.#timeouts, recoveries: this.#recoveries }
  }

  note(stats: NpuStats | null): void {
    if (stats !== null) this.#stats = stats
  }

  ready({ npu, simulated }: { readonly npu: NpuFacts | null; readonly simulated: boolean }): void {
    this.#facts = npu ?? this.#facts
    this.#simulated = simulated
    if (this.#faulty) this.#recoveries++
    this.#faulty = false
    this.#ladder = works(this.#ladder)
  }

  /** The engine opens the device again by itself. */
  rebuilding(fault: Fault): void {
    this.#see(fault)
    this.#stats = noStats
    this.#ladder = rebuilding(this.#ladder)
  }

  /** The engine says that it cannot go on; how its life ended follows. */
  gaveUp(fault: Fault): void {
    this.#see(fault)
  }

  /** A life has failed. `nowMs` of performance.now(). */
  lifeFailed(fault: Fault | null, ranWell: boolean, nowMs: number): NextTry {
    this.#faulty = true
    this.#stats = noStats
    const mayReload = this.#driverReload && !this.#simulated
    const { ladder, next } = failed(this.#ladder, { code: fault?.code ?? null, ranWell, mayReload }, nowMs)
    this.#ladder = ladder
    return next
  }

  /** It is not asked to work now. Its failures are remembered: the next life may show the same. */
  paused(): void {
    this.#stats = noStats
    this.#ladder = works(this.#ladder)
  }

  #see({ code }: Fault): void {
    this.#faulty = true
    if (code === 'NPU_TIMEOUT') this.#timeouts++
  }
}
