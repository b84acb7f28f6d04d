import type { Ring } from 'hailort-node/ring'
import type { Point } from '../counting/geometry.ts'
import type { Finding } from '../doctor/finding.ts'
import { AgentError, type Fault } from '../errors.ts'
import type { Vitals } from '../health/vitals.ts'
import type { Bucket, BucketSize } from '../history/buckets.ts'

/** Where a stream counts, as the configuration has it: every coordinate is 0–1 of the upright picture. */
export interface GeometryShown {
  readonly zones: readonly { readonly id: string; readonly polygon: readonly Point[] }[]
  readonly lines: readonly { readonly id: string; readonly from: Point; readonly to: Point }[]
}

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
  readonly geometry: GeometryShown
}

/** One room with its entrances. */
export interface AreaShown {
  readonly id: string
  /** stream/line */
  readonly entrances: readonly string[]
  /** null when unknown: never 0 for "we do not know". */
  readonly inside: number | null
}

/** What history is asked for: one stream, from a moment up to another, in milliseconds since 1970. */
export interface HistoryQuery {
  readonly stream: string
  readonly fromMs: number
  readonly toMs: number
  readonly bucket: BucketSize
}

/** Something to tell those who listen now. */
export type News =
  /** A stream may look otherwise than before: it is to be read afresh. Cheap, so it may be said for every frame. */
  | { readonly type: 'state'; readonly stream: string }
  /** People inside some area may be others than before. */
  | { readonly type: 'areas' }
  /** Something happened: the JSON of MQTT's `<stream>/event`, once. */
  | { readonly type: 'event'; readonly stream: string; readonly event: Readonly<Record<string, unknown>> }

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
  /** In the order of the configuration. */
  areas(): readonly AreaShown[]
  /** Totals back to zero: of one line, of one stream's lines (`line` null), or of all. */
  resetTotals(stream: string | null, line: string | null, who: string): Promise<void>
  /** Somebody says how many people are inside an area: a whole number from 0 to 1,000,000. */
  setInside(area: string, value: number, who: string): Promise<void>
  /** In order of time. Buckets of which nothing is known are left out. Fails with HISTORY_… while the file cannot be read. */
  history(query: HistoryQuery): AsyncIterable<Bucket>
  /** What `headcount doctor` finds. Aborting ends what it has started. */
  doctor(signal: AbortSignal): Promise<readonly Finding[]>
  /** The last lines of the log, oldest first, without secrets. */
  logLines(): readonly string[]
  /** Tells the listener what happens from now on; it must be quick. Calling what is returned ends that. */
  onNews(listener: (news: News) => void): () => void
}

/** The answer to an id nobody knows. */
export function unknownStream(id: string): AgentError {
  return new AgentError('NOT_FOUND', `There is no stream "${id}".`, { remedy: 'GET /api/streams lists the streams.' })
}

/** The answer to an area nobody knows. */
export function unknownArea(id: string): AgentError {
  return new AgentError('NOT_FOUND', `There is no area "${id}".`, { remedy: 'GET /api/areas lists the areas.' })
}

/** The answer to a line nobody knows. */
export function unknownLine(stream: string, line: string): AgentError {
  return new AgentError('NOT_FOUND', `The stream "${stream}" has no line "${line}".`, {
    remedy: `GET /api/streams/${stream} lists its lines under "geometry".`,
  })
}
