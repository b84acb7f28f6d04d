import type { Stage, StageTimes } from '../engine/messages.ts'
import type { Fault } from '../errors.ts'
import type { MachineFacts } from '../health/machine.ts'
import type { ProcessVitals } from '../health/process-vitals.ts'
import type { Vitals } from '../health/vitals.ts'
import { npuJson, rounded } from './topics.ts'

/** What one `stats` message is made of. */
export interface StatsParts {
  /** Wall time in milliseconds since 1970. */
  readonly ts: number
  readonly machine: MachineFacts
  readonly vitals: Vitals
  /** Why crossings and minutes are not kept for now; null: they are. */
  readonly historyFault: Fault | null
}

/** CPU time of the processes at a moment of a steady clock. */
export interface CpuSample {
  readonly atMs: number
  readonly secondsByPid: ReadonlyMap<number, number>
}

export function cpuSample(processes: readonly ProcessVitals[], atMs: number): CpuSample {
  return {
    atMs,
    secondsByPid: new Map(processes.flatMap(({ pid, cpuSeconds }) => (pid === null || cpuSeconds === null ? [] : [[pid, cpuSeconds]]))),
  }
}

/** Cores a process kept busy between two samples; null: it is not in both. */
export function coresBusy(pid: number | null, before: CpuSample | null, now: CpuSample): number | null {
  const startS = before?.secondsByPid.get(pid ?? 0)
  const endS = now.secondsByPid.get(pid ?? 0)
  // Less than before: another process has got the pid.
  if (before === null || startS === undefined || endS === undefined || endS < startS || now.atMs <= before.atMs) return null
  return ((endS - startS) * 1_000) / (now.atMs - before.atMs)
}

/** The JSON of `stats`. What is not known is null. */
export function statsJson({ ts, machine, vitals, historyFault }: StatsParts, before: CpuSample | null, now: CpuSample): string {
  const { detection, processes, ringBytes } = vitals
  return JSON.stringify({
    ts,
    cpu: { load: rounded(machine.cpuLoad, 3), cores: machine.cores },
    memory: { totalBytes: machine.memoryTotalBytes, availableBytes: machine.memoryAvailableBytes },
    temperatures: machine.temperatures,
    disk: { state: machine.stateDisk, rings: machine.ringDisk },
    npu: npuStats(detection),
    processes: processes.map(({ title, pid, uptimeS, restarts, memoryBytes, cpuSeconds }) => ({
      title,
      pid,
      uptimeS: rounded(uptimeS, 1),
      restarts,
      memoryBytes,
      cpuSeconds: rounded(cpuSeconds, 2),
      coresBusy: rounded(coresBusy(pid, before, now), 3),
    })),
    ringBytes,
    history: { fault: historyFault && { code: historyFault.code, message: historyFault.message, remedy: historyFault.remedy } },
    stages: stagesJson(detection.stages),
  })
}

const NO_FACTS = { deviceId: null, chip: null, firmwareVersion: null, libraryVersion: null, model: null }
const NO_REPORT = { utilisation: null, temperatureC: null, batchFill: null, queueAgeMs: null, timeouts: null, recoveries: null }

/** Which NPU it is and how it does; one may be known without the other, as while it is down. */
function npuStats({ npuFacts, npu, npuRung }: Vitals['detection']): Record<string, unknown> | null {
  return npuFacts === null && npu === null ? null : { ...(npuFacts ?? NO_FACTS), ...(npuJson(npu) ?? NO_REPORT), rung: npuRung }
}

function stagesJson(stages: Vitals['detection']['stages']): Partial<Record<Stage, Record<keyof StageTimes, number | null>>> {
  return Object.fromEntries(
    Object.entries(stages).map(([stage, { p50Ms, p99Ms }]) => [stage, { p50Ms: rounded(p50Ms, 2), p99Ms: rounded(p99Ms, 2) }]),
  )
}
