import type { NpuFacts, Stage, StageTimes } from '../engine/messages.ts'
import type { NpuReport } from '../npu-report.ts'
import type { Rung } from '../supervise/health-ladder.ts'
import type { ProcessVitals } from './process-vitals.ts'

/** How detection does. */
export interface DetectionVitals {
  /** It can infer. */
  readonly ready: boolean
  /** What runs the inference; null while nothing can. */
  readonly backend: string | null
  readonly simulated: boolean
  /** The CPU detects because the NPU is down. */
  readonly cpuFallback: boolean
  /** The NPU that detects, or did until it went down; null: none was opened yet. */
  readonly npuFacts: NpuFacts | null
  /** null: no NPU is in use, or nothing is known of it yet. */
  readonly npu: NpuReport | null
  /** How far its bringing back has gone; null: it works, or there is none. */
  readonly npuRung: Rung | null
  readonly stages: Readonly<Partial<Record<Stage, StageTimes>>>
}

/** How headcount itself does: what `stats` and /metrics tell beside the streams. */
export interface Vitals {
  readonly detection: DetectionVitals
  /** Also those that do not run now, for their restarts. */
  readonly processes: readonly ProcessVitals[]
  /** Memory of all rings. */
  readonly ringBytes: number
}
