import type { ZoneView } from './counting/scene-view.ts'
import type { EngineReport } from './engine/messages.ts'
import type { Ledger } from './ledger.ts'
import type { StreamReport } from './mqtt/topics.ts'
import type { NpuReport } from './npu-report.ts'
import type { Stream } from './supervise/stream.ts'

/** What reports need to know of detection. */
export interface DetectionSeen {
  /** What the engine that detects said of itself; null while none can infer. */
  readonly ready: Pick<Extract<EngineReport, { type: 'ready' }>, 'backend' | 'simulated'> | null
  /** null: no NPU is in use, or nothing is known of it yet. */
  readonly npu: NpuReport | null
  /** The CPU detects because the NPU is down. */
  readonly cpuFallback: boolean
}

/** Totals that history cannot tell yet. */
const NO_TOTALS = { in: null, out: null, inToday: null, outToday: null }

/** A stream as MQTT and HTTP tell it, now. */
export function streamReport(stream: Stream, { ready, npu, cpuFallback }: DetectionSeen, ledger: Pick<Ledger, 'totals'>): StreamReport {
  const { zones, lines } = stream.config
  const { quality, count, occupied, reason, ageMs, fps, inferenceMs, uniqueLastHour, zones: seen } = stream.view()
  return {
    ts: Date.now(),
    status: stream.status,
    count,
    occupied,
    quality,
    reason,
    ageMs,
    fps,
    bufferFps: stream.bufferFps,
    inferenceMs,
    backend: ready?.backend ?? null,
    simulated: ready?.simulated ?? false,
    cpuFallback,
    npu,
    uniqueLastHour,
    zones: Object.fromEntries(zones.map(({ id }) => [id, zoneReport(seen[id])])),
    lines: Object.fromEntries(lines.map(({ id }) => [id, ledger.totals(stream.id, id) ?? NO_TOTALS])),
    running: stream.running,
  }
}

/** A zone that nobody has looked at yet is not an empty one. */
function zoneReport(zone: ZoneView | undefined): StreamReport['zones'][string] {
  return {
    count: zone?.count ?? null,
    dwellCount: zone?.stays ?? 0,
    dwellMeanS: seconds(zone?.dwellMeanMs ?? null),
    dwellP90S: seconds(zone?.dwellP90Ms ?? null),
  }
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 100) / 10
}
