import type { EngineFacts, ServiceFacts, StreamFacts } from './service-facts.ts'

/** How long counting has stood still although something is owed. All times in milliseconds of a steady clock. */
export interface Progress {
  /** What changes whenever detection does something. */
  readonly marks: string
  readonly idleMs: number
  readonly lookedMs: number
}

export const noProgress: Progress = { marks: '', idleMs: 0, lookedMs: -Infinity }

/** A camera or NPU that takes longer is no reason to let systemd end the start. */
const READY_AFTER_MS = 30_000
/**
 * The slowest step of bringing detection back: a rest of 60 s, 60 s to load a model, a few seconds to end what hung. An engine that still
 * stands where it stood then is not being brought back any more.
 */
const STUCK_AFTER_MS = 180_000
/** The engine is ended by its own supervision after half of these: this is for a supervision that is stuck itself. */
const STUCK_DETECTOR_TIMES = 40
const STUCK_INTERVALS = 6
/** Time in which nobody looked (a machine that slept, a process that was stopped) is no time in which nothing was done. */
const LONGEST_STEP_MS = 5_000

/** Whether systemd is to be told that the start is over: what counts is known, be it good or bad. `sinceMs`: since the streams were started. */
export function isReady({ streams, engine }: ServiceFacts, sinceMs: number): boolean {
  if (sinceMs >= READY_AFTER_MS || streams.some(({ status }) => status === 'online')) return true
  return streams.every((stream) => isKnown(stream, engine))
}

/** Its state has a reason that is more than that it starts. */
function isKnown({ running, status, fault }: StreamFacts, engine: EngineFacts): boolean {
  return !running || fault !== null || (status === 'degraded' && engine.fault !== null)
}

/** Steps the progress by one look. `held`: the kernel does not let go of an engine process, which no restart of ours would mend. Pure. */
export function stepProgress(before: Progress, facts: ServiceFacts, { nowMs, held }: { nowMs: number; held: boolean }): Progress {
  const marks = marksOf(facts)
  const moved = marks !== before.marks || held || !isOwed(facts)
  const stepMs = Math.min(Math.max(0, nowMs - before.lookedMs), LONGEST_STEP_MS)
  return { marks, idleMs: moved ? 0 : before.idleMs + stepMs, lookedMs: nowMs }
}

function marksOf({ streams, engine: { ready, fault, rung, restarts, cpuFallback } }: ServiceFacts): string {
  const frames = streams.map(({ id, running, framesDetected }) => [id, running, framesDetected])
  return JSON.stringify([frames, ready, fault?.code, fault?.message, rung, restarts, cpuFallback])
}

/**
 * Something is to be seen to happen: an inference for pictures that wait, the next try of an engine with a fault, or any word at all of
 * cameras that say neither picture nor fault. Cameras with a known fault and nothing else owe nothing: a restart brings none back.
 */
function isOwed({ streams, engine }: ServiceFacts): boolean {
  const running = streams.filter((stream) => stream.running)
  if (running.length === 0) return false
  return engine.fault !== null || running.some(({ waiting }) => waiting) || running.every(({ fault }) => fault === null)
}

/** The service hangs although its event loop turns: only a restart helps. */
export function isStuck({ idleMs }: Progress, { streams, engine }: ServiceFacts): boolean {
  const intervalsMs = streams.filter(({ running }) => running).map(({ detectFps }) => 1_000 / detectFps)
  const slowestMs = Math.max(0, ...intervalsMs)
  return idleMs > Math.max(STUCK_AFTER_MS, STUCK_DETECTOR_TIMES * engine.detectorMs, STUCK_INTERVALS * slowestMs)
}
