import type { Ring } from 'hailort-node/ring'
import { AgentError, type Fault } from '../errors.ts'
import type { Vitals } from '../health/vitals.ts'

/** One stream as HTTP shows it: read afresh for every answer. */
export interface StreamShown {
  readonly id: string
  /** It is meant to run; whether it does is `status`. */
  readonly running: boolean
  readonly status: 'online' | 'degraded' | 'offline'
  /** The JSON of MQTT's `<stream>/state`. */
  readonly state: Readonly<Record<string, unknown>>
  /** Frames with a fresh inference a second. */
  readonly fps: number
  /** Frames entering the ring a second. */
  readonly bufferFps: number
  /** null when unknown: never 0 for "we do not know". */
  readonly personCount: number | null
  /** Persons found since start. */
  readonly totalDetections: number
  /** Frames that entered the ring since start. */
  readonly framesCaptured: number
  /** Frames with an inference since start. */
  readonly framesDetected: number
  /** Frames the engine never saw, and results that came after their frame was overwritten. */
  readonly framesLost: number
  readonly resultsLost: number
  /** The CPU detects because the NPU is down. */
  readonly cpuFallback: boolean
  /** Why the stream is not online; null when it is. */
  readonly fault: Fault | null
}

export interface Health {
  readonly status: 'ready' | 'degraded' | 'starting'
  readonly service: string
  /** Detection models in use, as a person would name them. */
  readonly models: readonly string[]
  readonly ready: boolean
}

/** What a source turned out to be. */
export interface SourceReport {
  readonly width: number
  readonly height: number
  readonly fps: number
}

/**
 * What HTTP needs of the agent, and nothing more. Raw values are bodies of requests, parsed by the agent: it throws CONFIG_INVALID or
 * SOURCE_INVALID with the keys named. Unknown ids throw NOT_FOUND, an id that is taken CONFLICT; http/error-response.ts maps the codes.
 */
export interface AgentView {
  health(): Health
  /** Resolves when the first inference has passed. */
  warmup(signal: AbortSignal): Promise<void>
  /** In the order of the configuration: the first is what /api/camera means. */
  streams(): readonly StreamShown[]
  stream(id: string): StreamShown | undefined
  /**
   * The ring frames of a stream come from now; null when there is none, undefined when there is no such stream. Never a closed one.
   * A new geometry is a new ring, so ask again for every frame.
   */
  ring(id: string): Ring | null | undefined
  start(id: string): Promise<void>
  stop(id: string): Promise<void>
  restart(id: string): Promise<void>
  add(raw: unknown): Promise<StreamShown>
  patch(id: string, raw: unknown): Promise<StreamShown>
  remove(id: string): Promise<void>
  /** Opens a source for a moment and says what it gives. */
  test(raw: unknown, signal: AbortSignal): Promise<SourceReport>
  /** Pids, titles, uptime, restarts and memory of every process, bytes of the rings. */
  processes(): Promise<Readonly<Record<string, unknown>>>
  /** How detection and the processes do now. Bounded in time. */
  vitals(): Promise<Vitals>
}

/** The answer to an id nobody knows. */
export function unknownStream(id: string): AgentError {
  return new AgentError('NOT_FOUND', `There is no stream "${id}".`, { remedy: 'GET /api/streams lists the streams.' })
}
