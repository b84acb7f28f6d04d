import type { StreamView } from './agent-view.ts'
import type { VideoCounters } from './live-video.ts'

/** A stream as `/api/streams` shows it. */
export function streamJson(stream: StreamView, video: VideoCounters | null): Record<string, unknown> {
  const { id, running, status, fps, bufferFps, personCount, totalDetections, cpuFallback, fault, state } = stream
  return { id, running, status, fps, bufferFps, personCount, totalDetections, cpuFallback, fault, video, state }
}

/** A stream as `/api/camera/status` shows it. */
export function cameraStatusJson(stream: StreamView, video: VideoCounters | null): Record<string, unknown> {
  return {
    stream: stream.id,
    running: stream.running,
    status: stream.status,
    fps: stream.fps,
    buffer_fps: stream.bufferFps,
    person_count: stream.personCount,
    total_detections: stream.totalDetections,
    cpu_fallback: stream.cpuFallback,
    fault: stream.fault,
    video,
    state: stream.state,
  }
}
