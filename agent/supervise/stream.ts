import type { Ring } from 'hailort-node/ring'
import type { StreamConfig } from '../config/stream-schema.ts'
import type { SceneEvent } from '../counting/scene.ts'
import { isNewsAfter } from '../counting/scene-news.ts'
import {
  newStream,
  pictureClock,
  type StreamInput,
  type StreamState,
  type StreamView,
  stepStream,
  viewOf,
} from '../counting/stream-state.ts'
import type { FrameReport } from '../engine/messages.ts'
import type { Fault } from '../errors.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import type { Track } from '../tracking/track.ts'
import { type CaptureParts, CaptureRun } from './capture-run.ts'
import type { CaptureSupervisor } from './capture-supervisor.ts'
import { FrameMeter } from './frame-meter.ts'
import { InferenceWait } from './inference-wait.ts'

/** A picture, its size in pixels, and what was followed in it. */
export interface SeenPicture {
  readonly stream: string
  /** When it came in, wall time in milliseconds since 1970. */
  readonly ts: number
  readonly tracks: readonly Track[]
  readonly width: number
  readonly height: number
}

export interface StreamParts extends CaptureParts {
  /** Something a person could see has changed. */
  readonly onChange: (stream: Stream) => void
  /** What happened in front of the camera, in order; times are wall time in milliseconds since 1970. */
  readonly onEvents: (stream: Stream, events: readonly SceneEvent[]) => void
  /** A picture was looked at, on a stream whose boxes are to be published. */
  readonly onDetections: (seen: SeenPicture) => void
}

/** One camera: its ring, its capture, and what is known about the people in front of it. */
export class Stream implements AsyncDisposable {
  readonly config: StreamConfig
  readonly #parts: StreamParts
  readonly #run: CaptureRun
  readonly #meter = new FrameMeter()
  readonly #wait = new InferenceWait()
  #state: StreamState
  #stopping: AbortController | null = null
  #closed = false
  /** The end of the newest run: the next begins after it, so that a ring never has two writers. */
  #ended: Promise<void> = Promise.resolve()

  constructor(config: StreamConfig, parts: StreamParts) {
    this.config = config
    this.#parts = parts
    this.#run = new CaptureRun(config, parts, {
      onRing: () => this.#wait.begin(),
      onBack: () => this.#know({ type: 'captureBack' }),
      onGone: (reason, ended) => this.#know({ type: 'captureGone', reason, ended }),
    })
    // Nobody is told: it is not started yet.
    this.#state = stepStream(newStream, { ...engineInput(parts.engine), nowMs: monotonicMs() }, config).state
  }

  get id(): string {
    return this.config.id
  }

  /** It is meant to run; whether it does is `status`. */
  get running(): boolean {
    return this.#stopping !== null
  }

  /** Mapped while the stream runs; never a closed one. */
  get ring(): Ring | null {
    return this.#run.ring
  }

  get capture(): CaptureSupervisor | null {
    return this.#run.capture
  }

  get fault(): Fault | null {
    return this.#run.fault
  }

  get framesCaptured(): number {
    return this.#meter.total
  }

  /** Frames with an inference since the start. */
  get framesDetected(): number {
    return this.#wait.total
  }

  get bufferFps(): number {
    return this.#meter.fps
  }

  /** When the last inference came, CLOCK_MONOTONIC in milliseconds; null: not since capture and engine are there. */
  get lastInferenceMs(): number | null {
    return this.#state.last?.atMs ?? null
  }

  /** Since when a frame is there that is newer than the last inference, CLOCK_MONOTONIC in milliseconds; null: none is, or none come. */
  get waitingSinceMs(): number | null {
    return this.#wait.sinceMs
  }

  get detectFps(): number {
    return this.config.detectFps
  }

  /** What can be said of it now. */
  view(): StreamView {
    return viewOf(this.#state, monotonicMs(), this.config)
  }

  get status(): 'online' | 'degraded' | 'offline' {
    if (this.#state.captureGone !== null) return 'offline'
    return this.view().quality === 'unknown' ? 'degraded' : 'online'
  }

  /** Starts it; nothing happens when it runs, or when another stream has taken its place. */
  start(): void {
    if (this.#stopping || this.#closed) return
    const stop = new AbortController()
    this.#stopping = stop
    this.#ended = this.#ended.then(() => this.#live(stop.signal))
    this.#parts.onChange(this)
  }

  /** Stops it and waits until its capture is gone and its ring removed. */
  async stop(): Promise<void> {
    const stopping = this.#stopping
    this.#stopping = null
    await this.#end(stopping)
  }

  async #end(stopping: AbortController | null): Promise<void> {
    stopping?.abort()
    this.#know({ type: 'captureGone', reason: 'stopped' })
    await this.#ended
  }

  /** Stops it and starts it again at once: it is meant to run all the while. Resolves when the old capture is gone. */
  async restart(): Promise<void> {
    const ended = this.#end(this.#stopping)
    this.#stopping = null
    this.start()
    await ended
  }

  /** The engine's word on one frame of this stream. */
  see(report: FrameReport, epoch: number): void {
    if (!report.predicted) this.#wait.inferred(report.seq)
    // People in a file that passes faster than life move by its own time.
    const pictureMs = this.#parts.flow === 'live' ? report.arrivedMs : report.ptsNs / 1e6
    this.#know({ type: 'frame', report: { ...report, pictureMs }, epoch })
    if (this.config.detections && !report.predicted && !report.tentative) this.#tellDetections(report)
  }

  #tellDetections({ seq, arrivedMs, tracks }: FrameReport): void {
    const picture = this.#run.ring?.frameInfo(seq)
    if (!picture) return
    const ts = Math.round(Date.now() - (monotonicMs() - arrivedMs))
    this.#parts.onDetections({ stream: this.id, ts, tracks, width: picture.width, height: picture.height })
  }

  engineChanged(): void {
    this.#know(engineInput(this.#parts.engine))
  }

  /** Lets time pass: called a few times a second. */
  tick(): void {
    const head = this.#run.ring?.head ?? null
    this.#meter.see(head, monotonicMs())
    if (this.#run.capture?.phase === 'delivering') this.#wait.see(head ?? 0, monotonicMs())
    this.#know({ type: 'tick' })
  }

  #know(event: StreamInput): void {
    if (event.type === 'captureGone') this.#wait.end()
    const before = this.#state.scene
    const nowMs = monotonicMs()
    const { state, events } = stepStream(this.#state, { ...event, nowMs }, this.config)
    this.#state = state
    if (events.length > 0) this.#parts.onEvents(this, this.#dated(events, nowMs))
    // Time is told by whoever lets it pass, and a frame that shows what the last one showed is no news.
    const isNews = event.type === 'frame' ? isNewsAfter(before, state.scene) : event.type !== 'tick'
    if (isNews) this.#parts.onChange(this)
  }

  /** In wall time. Pictures of a camera came in on our own clock; those of a file that passes faster have one of their own. */
  #dated(events: readonly SceneEvent[], nowMs: number): SceneEvent[] {
    const sinceMs = Date.now() - (this.#parts.flow === 'live' ? nowMs : pictureClock(this.#state, nowMs))
    return events.map((event) => ({ ...event, atMs: event.atMs + sinceMs }))
  }

  async #live(signal: AbortSignal): Promise<void> {
    await this.#run.live(signal)
    // Otherwise somebody has stopped it, and maybe started it again.
    if (!signal.aborted) this.#stopping = null
    this.#parts.onChange(this)
  }

  /** Stops it for good. It is meant to run as before: another may take its place, and nobody has stopped that one. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#end(this.#stopping)
  }
}

function engineInput({ gone }: StreamParts['engine']): StreamInput {
  return gone === null ? { type: 'engineBack' } : { type: 'engineGone', reason: gone }
}
