import type { EngineFacts, ServiceFacts, StreamFacts } from '../../agent/health/service-facts.ts'

/** A stream that counts. */
export const COUNTING: StreamFacts = {
  id: 'door',
  running: true,
  status: 'online',
  fault: null,
  waiting: false,
  framesDetected: 100,
  detectFps: 30,
}

/** One of which nothing is known yet. */
export const STARTING: StreamFacts = { ...COUNTING, status: 'offline', framesDetected: 0 }

/** Pictures come and nobody looks at them. */
export const WAITING: StreamFacts = { ...COUNTING, status: 'degraded', waiting: true }

export const REFUSED: StreamFacts = {
  ...STARTING,
  id: 'garage',
  fault: { code: 'SOURCE_REFUSED', message: 'The camera 192.0.2.7 refuses the connection.', remedy: 'Check address and port.' },
}

export const STOPPED: StreamFacts = { ...STARTING, id: 'cellar', running: false }

export const WELL: EngineFacts = {
  ready: true,
  fault: null,
  cpuFallback: false,
  rung: null,
  restarts: 0,
  detectorMs: 20,
  npuTemperatureC: null,
  pids: [],
}

export const MISSING: EngineFacts = {
  ...WELL,
  ready: false,
  fault: { code: 'NPU_MISSING', message: 'No Hailo device answers.', remedy: 'Check the ribbon cable.' },
  rung: 'degraded',
  restarts: 4,
}

/** The service with these streams and an engine that is well, or as told. */
export function service(streams: readonly StreamFacts[], engine: Partial<EngineFacts> = {}): ServiceFacts {
  return { streams, engine: { ...WELL, ...engine }, others: [] }
}
