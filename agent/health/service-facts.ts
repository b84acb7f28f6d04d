import type { Fault } from '../errors.ts'
import type { NpuReport } from '../npu-report.ts'
import type { Rung } from '../supervise/health-ladder.ts'

/** A stream, as far as it says how the service does. */
export interface StreamFacts {
  readonly id: string
  /** It is meant to run. */
  readonly running: boolean
  readonly status: 'online' | 'degraded' | 'offline'
  /** Why it gives no pictures; null: it does, or just starts. */
  readonly fault: Fault | null
  /** A picture is there that is newer than the last inference. */
  readonly waiting: boolean
  /** Frames with an inference since the start. */
  readonly framesDetected: number
  readonly detectFps: number
}

/** Detection, as far as it says how the service does. */
export interface EngineFacts {
  readonly ready: boolean
  readonly fault: Fault | null
  readonly cpuFallback: boolean
  /** How far the bringing back of an NPU has gone. */
  readonly rung: Rung | null
  readonly restarts: number
  /** What a frame may take at worst. */
  readonly detectorMs: number
  readonly npuTemperatureC: number | null
  /** Its processes. */
  readonly pids: readonly number[]
}

/** Everything that decides whether the service is ready, alive, and what it says of itself. Plain data. */
export interface ServiceFacts {
  readonly streams: readonly StreamFacts[]
  readonly engine: EngineFacts
  /** What else is wrong (broker, history), in words. */
  readonly others: readonly Fault[]
}

/** What is asked of a stream. */
export interface StreamSource extends Omit<StreamFacts, 'waiting'> {
  /** Since when a frame is there that is newer than the last inference; null: none is. */
  readonly waitingSinceMs: number | null
}

/** What is asked of detection. */
export interface EngineSource extends Pick<EngineFacts, 'fault' | 'cpuFallback' | 'rung' | 'restarts' | 'detectorMs'> {
  readonly ready: object | null
  readonly npu: Pick<NpuReport, 'temperatureC'> | null
  readonly processes: readonly { readonly pid: number | null }[]
}

export interface ServiceSources {
  readonly streams: readonly StreamSource[]
  readonly engine: EngineSource
  /** Of the parts that counting does not need: the broker's, the history's. */
  readonly faults: readonly (Fault | null)[]
}

/** Reads the parts of the agent as they are now. */
export function serviceFacts({ streams, engine, faults }: ServiceSources): ServiceFacts {
  return {
    streams: streams.map(({ id, running, status, fault, waitingSinceMs, framesDetected, detectFps }) => ({
      id,
      running,
      status,
      fault,
      waiting: waitingSinceMs !== null,
      framesDetected,
      detectFps,
    })),
    engine: {
      ready: engine.ready !== null,
      fault: engine.fault,
      cpuFallback: engine.cpuFallback,
      rung: engine.rung,
      restarts: engine.restarts,
      detectorMs: engine.detectorMs,
      npuTemperatureC: engine.npu?.temperatureC ?? null,
      pids: engine.processes.flatMap(({ pid }) => pid ?? []),
    },
    others: faults.filter((fault) => fault !== null),
  }
}
