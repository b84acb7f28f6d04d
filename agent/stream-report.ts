import type { StreamReport } from './mqtt/topics.ts'
import type { Readiness } from './supervise/engine-supervisor.ts'
import type { Stream } from './supervise/stream.ts'

/** A stream as MQTT and HTTP tell it, now. Zones and lines are empty until they are counted. */
export function streamReport(stream: Stream, engine: Readiness | null): StreamReport {
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
    backend: engine?.backend ?? null,
    simulated: engine?.simulated ?? false,
    zones: {},
    lines: {},
    running: stream.running,
  }
}
