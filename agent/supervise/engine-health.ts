import { basename } from 'node:path'
import type { DetectorOrder, EngineReport, NpuFacts, Stage, StageTimes } from '../engine/messages.ts'
import type { Fault } from '../errors.ts'
import type { Log } from '../log.ts'
import { restartDelayMs } from './backoff.ts'
import { FaultLog } from './fault-log.ts'
import { NpuHealth } from './npu-health.ts'

export interface EngineHealthParts {
  readonly detector: DetectorOrder
  /** The driver of an NPU may be loaded anew when nothing else helps. */
  readonly driverReload: boolean
  /** Of the engine: a libhailort that somebody names may be a simulator until it says otherwise. */
  readonly env: NodeJS.ProcessEnv
  /** Loads the driver anew; called while no engine is there. */
  readonly reloadDriver: () => Promise<unknown>
  readonly log: Log
}

/** A life of an engine that has failed. */
export interface FailedLife {
  readonly fault: Fault | null
  /** It had worked long enough that this failure is a new one. */
  readonly ranWell: boolean
}

/** How an engine does over all its lives: what is wrong, what is said of it in the log, and when it is tried again. */
export class EngineHealth {
  /** null: it is no NPU. */
  readonly npu: NpuHealth | null
  readonly #parts: EngineHealthParts
  readonly #faults: FaultLog
  #fault: Fault | null = null
  #isNews = false
  #npuRestMs = 0
  /** What was said of the NPU. */
  #npuSaid = ''
  /** It could infer since its failures began. */
  #workedBetween = false
  #degradedSaid = false
  #stages: Readonly<Partial<Record<Stage, StageTimes>>> = {}

  constructor(parts: EngineHealthParts) {
    const { detector, driverReload, env, log } = parts
    this.#parts = parts
    this.#faults = new FaultLog(detector.cpuFallback ? 'engine of the CPU fallback' : 'engine', log)
    this.npu = detector.backend === 'hailo' ? new NpuHealth({ driverReload, simulated: Boolean(env['HAILORT_LIB']) }) : null
  }

  /** Why it cannot infer, or could not when it was last tried; null: it can, or was not asked to. */
  get fault(): Fault | null {
    return this.#fault
  }

  /** What the stages of a frame took lately. */
  get stages(): Readonly<Partial<Record<Stage, StageTimes>>> {
    return this.#stages
  }

  take(report: EngineReport): void {
    if (report.type === 'ready') {
      this.#fault = null
      this.#workedBetween = true
      this.npu?.ready(report)
      if (report.npu) this.#introduce(report.npu, report.simulated)
      this.#faults.passed()
    } else if (report.type === 'recovering') {
      this.#fault = report.fault
      this.#faults.say('warn', report.fault)
      this.npu?.rebuilding(report.fault)
    } else if (report.type === 'failed') {
      this.npu?.gaveUp(report.fault)
    } else if (report.type === 'stats') {
      this.npu?.note(report.npu)
      this.#stages = report.stages
    }
  }

  /** A life has failed, though its process may still be there. */
  fail(fault: Fault | null): void {
    this.#fault = fault
    this.#isNews = fault !== null && this.#faults.say('error', fault)
  }

  /** Decides about the next life, and does what comes before it. Call it when the process of the failed one is gone. */
  async climb({ fault, ranWell }: FailedLife): Promise<void> {
    const { npu } = this
    if (npu === null) return
    const { restMs, reloadDriver } = npu.lifeFailed(fault, ranWell, performance.now())
    this.#npuRestMs = restMs
    if (ranWell) this.#workedBetween = this.#degradedSaid = false
    if (npu.rung === 'degraded' && !this.#degradedSaid) this.#sayDegraded(npu.failures, fault)
    if (reloadDriver) await this.#parts.reloadDriver()
  }

  /** The rest before the next life. */
  restMs(failures: number): number {
    return this.npu ? this.#npuRestMs : restartDelayMs(failures)
  }

  /** Says so, unless the same was said already. */
  rests(delayMs: number): void {
    if (!this.#isNews) return
    const rung = this.npu?.rung
    this.#parts.log.warn(`engine starts again in ${Math.round(delayMs)} ms`, { code: this.#fault?.code, ...(rung ? { rung } : {}) })
  }

  /** It is not asked to work now: nothing is wrong. */
  paused(): void {
    this.#fault = null
    this.npu?.paused()
  }

  #introduce({ chip, deviceId, firmwareVersion, libraryVersion, model }: NpuFacts, simulated: boolean): void {
    const what = `${chip} ${deviceId}, firmware ${firmwareVersion}, HailoRT ${libraryVersion}, model ${basename(model)}`
    const text = `NPU: ${what}${simulated ? ' (simulated)' : ''}`
    if (text !== this.#npuSaid) this.#parts.log.info(text)
    this.#npuSaid = text
  }

  /** Once until it has run well. */
  #sayDegraded(failures: number, fault: Fault | null): void {
    this.#degradedSaid = true
    const how = this.#workedBetween
      ? `came back but failed again within seconds, ${failures} times in a row`
      : `is still down after ${failures} tries in a row`
    const remedy = 'It is tried on and on; run "headcount doctor" to learn what is wrong.'
    this.#parts.log.error(`engine: the NPU ${how}. ${remedy}`, { code: fault?.code })
  }
}
