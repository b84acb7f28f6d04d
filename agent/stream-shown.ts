import type { StreamShown } from './http/agent-view.ts'
import type { Ledger } from './ledger.ts'
import { stateJson } from './mqtt/topics.ts'
import { streamReport } from './stream-report.ts'
import type { Detection } from './supervise/detection.ts'
import type { Stream } from './supervise/stream.ts'

/** A stream as HTTP shows it, now. */
export function streamShown(stream: Stream, engine: Detection, ledger: Pick<Ledger, 'totals'>): StreamShown {
  const state = streamReport(stream, engine, ledger)
  const { found } = stream.view()
  return {
    id: stream.id,
    running: state.running,
    status: state.status,
    state: JSON.parse(stateJson(state)) as Record<string, unknown>,
    fps: state.fps,
    bufferFps: state.bufferFps,
    personCount: state.count,
    totalDetections: found,
    framesCaptured: stream.framesCaptured,
    framesDetected: stream.framesDetected,
    ...engine.lost(stream.id),
    cpuFallback: state.cpuFallback,
    fault: stream.fault ?? (stream.running ? engine.fault : null),
    geometry: { zones: stream.config.zones, lines: stream.config.lines },
  }
}
