import type { StreamShown } from './agent-view.ts'
import type { VideoCounters } from './live-video.ts'

/** A stream as `/api/streams` shows it. */
export function streamJson(stream: StreamShown, video: VideoCounters | null): Record<string, unknown> {
  return {
    id: stream.id,
    running: stream.running,
    status: stream.status,
    fps: stream.fps,
    bufferFps: stream.bufferFps,
    personCount: stream.personCount,
    totalDetections: stream.totalDetections,
    framesCaptured: stream.framesCaptured,
    framesDetected: stream.framesDetected,
    framesLost: stream.framesLost,
    resultsLost: stream.resultsLost,
    cpuFallback: stream.cpuFallback,
    fault: stream.fault,
    video,
    geometry: stream.geometry,
    state: stream.state,
  }
}

/** A stream as `/api/camera/status` shows it. */
export function cameraStatusJson(stream: StreamShown, video: VideoCounters | null): Record<string, unknown> {
  return {
    stream: stream.id,
    running: stream.running,
    status: stream.status,
    fps: stream.fps,
    buffer_fps: stream.bufferFps,
    person_count: stream.personCount,
    total_detections: stream.totalDetections,
    frames_captured: stream.framesCaptured,
    frames_detected: stream.framesDetected,
    frames_lost: stream.framesLost,
    results_lost: stream.resultsLost,
    cpu_fallback: stream.cpuFallback,
    fault: stream.fault,
    video,
    state: stream.state,
  }
}
