import type { StreamReport } from '../../agent/mqtt/topics.ts'

/** A stream that is well and sees nobody, but for what the test says. */
export function streamReport(changes: Partial<StreamReport> = {}): StreamReport {
  return {
    ts: 1_700_000_000_000,
    status: 'online',
    count: 0,
    occupied: false,
    quality: 'live',
    reason: null,
    ageMs: 40,
    fps: 9.96,
    bufferFps: 30.04,
    inferenceMs: 81.23,
    backend: 'hog',
    simulated: false,
    cpuFallback: false,
    npu: null,
    zones: {},
    lines: {},
    uniqueLastHour: 0,
    running: true,
    ...changes,
  }
}
