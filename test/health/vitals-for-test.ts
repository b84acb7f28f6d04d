import type { MachineFacts } from '../../agent/health/machine.ts'
import type { Vitals } from '../../agent/health/vitals.ts'

/** An agent on a simulated NPU that is well. */
export const VITALS: Vitals = {
  detection: {
    ready: true,
    backend: 'hailo',
    simulated: true,
    cpuFallback: false,
    npuFacts: {
      deviceId: '0000:01:00.0',
      chip: 'Hailo-8L',
      firmwareVersion: '4.23.0',
      libraryVersion: '4.23.0',
      model: '/usr/share/hailo-models/yolov8n_h8l.hef',
    },
    npu: { utilisation: 0.618_034, temperatureC: 54.321, batchFill: 0.75, queueAgeMs: 3.25, timeouts: 2, recoveries: 1 },
    npuRung: null,
    stages: { wait: { p50Ms: 1.5, p99Ms: 4 }, inference: { p50Ms: 7.123_4, p99Ms: 9 } },
  },
  processes: [
    { title: 'headcount: agent', pid: 100, restarts: 0, uptimeS: 60.04, memoryBytes: 80_000_000, cpuSeconds: 6 },
    { title: 'headcount: engine hailo', pid: null, restarts: 3, uptimeS: 0, memoryBytes: null, cpuSeconds: null },
    { title: 'headcount: capture door', pid: 102, restarts: 1, uptimeS: 30, memoryBytes: 45_000_000, cpuSeconds: 3.456 },
  ],
  ringBytes: 1_843_200,
}

/** The same on a CPU: no NPU was ever there. */
export const ON_CPU: Vitals = {
  ...VITALS,
  detection: { ready: true, backend: 'hog', simulated: false, cpuFallback: false, npuFacts: null, npu: null, npuRung: null, stages: {} },
}

export const MACHINE: MachineFacts = {
  cores: 4,
  cpuLoad: 0.123_456,
  memoryTotalBytes: 8_000_000_000,
  memoryAvailableBytes: 6_000_000_000,
  temperatures: { 'cpu-thermal': 51.2 },
  stateDisk: { totalBytes: 32_000_000_000, availableBytes: 20_000_000_000 },
  ringDisk: { totalBytes: 4_000_000_000, availableBytes: 3_900_000_000 },
}

/** A machine that tells nothing. */
export const MUTE: MachineFacts = {
  cores: 4,
  cpuLoad: null,
  memoryTotalBytes: null,
  memoryAvailableBytes: null,
  temperatures: null,
  stateDisk: null,
  ringDisk: null,
}
