import type { EngineReport } from './engine/messages.ts'
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

/** A stream as MQTT and HTTP tell it, now. Zones and lines are empty until they are counted. */
export function streamReport(stream: Stream, { ready, npu, cpuFallback }: DetectionSeen): StreamReport {
  const { quality, count, occupied, reason, ageMs, fps, inferenceMs } = stream.view()
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
    zones: {},
    lines: {},
    running: stream.running,
  }
}
