import { setTimeout as sleep } from 'node:timers/promises'
import type { Ring } from 'hailort-node/ring'
import type { CaptureOrder, Source } from '../capture/messages.ts'
import type { StreamConfig } from '../config/stream-schema.ts'
import type { SceneEvent, SceneState } from '../counting/scene.ts'
import {
  newStream,
  pictureClock,
  type StreamEvent,
  type StreamState,
  type StreamView,
  stepStream,
  viewOf,
} from '../counting/stream-state.ts'
import type { FrameReport } from '../engine/messages.ts'
import { AgentError, type Fault, toFault } from '../errors.ts'
import type { Log } from '../log.ts'
import { liveSlotCount, losslessSlotCount } from '../ring/layout.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import type { RingFiles } from '../ring/ring-files.ts'
import type { Track } from '../tracking/track.ts'
import { FIRST_LOOKS } from '../tracking/tracker.ts'
import { aborted } from './aborted.ts'
import { restartDelayMs } from './backoff.ts'
import { CaptureSupervisor } from './capture-supervisor.ts'
import type { Attachment } from './engine-life.ts'
import { FrameMeter } from './frame-meter.ts'

/** live: the newest frame wins; lossless: every frame passes every stage, as fast as the slowest takes it. */
export type Flow = 'live' | 'lossless'

/** What a stream needs of the engine that looks at it. */
export interface EngineLink {
  /** Why it cannot infer now; null: it can. */
  readonly gone: string | null
  readonly doorbell: number
  /** What a frame may take at worst, in milliseconds: the ring must outlive it. */
  readonly detectorMs: number
  readonly maxBatch: number
  attach(attachment: Attachment): void
  detach(stream: string): void
}

/** A picture and what was followed in it. */
export interface SeenPicture {
  readonly stream: string
  /** When it came in, wall time in milliseconds since 1970. */
  readonly ts: number
  readonly tracks: readonly Track[]
  /** In pixels. */
  readonly width: number
  readonly height: number
}

export interface StreamParts {
  readonly files: RingFiles
  readonly engine: EngineLink
  readonly doorbellsPath: string
  readonly viewersDoorbell: number
  readonly captureEnv: NodeJS.ProcessEnv
  readonly flow: Flow
  readonly log: Log
  /** The whole agent ends. */
  readonly ending: AbortSignal
  /** Something a person could see has changed. */
  readonly onChange: (stream: Stream) => void
  /** What happened in front of the camera, in order; times are wall time in milliseconds since 1970. */
  readonly onEvents: (stream: Stream, events: readonly SceneEvent[]) => void
  /** A picture was looked at, on a stream whose boxes are to be published. */
  readonly onDetections: (seen: SeenPicture) => void
  /** Takes the source text apart, with the password from its file. */
  readonly openSource: (config: StreamConfig) => Promise<Source>
}

const DRAIN_LOOK_MS = 50

/** One camera: its ring, its capture, and what is known about the people in front of it. */
export class Stream implements AsyncDisposable {
  readonly config: StreamConfig
  readonly #parts: StreamParts
  readonly #meter = new FrameMeter()
  #state: StreamState = newStream
  #stopping: AbortController | null = null
  #closed = false
  /** The end of the newest run: the next begins after it, so that a ring never has two writers. */
  #ended: Promise<void> = Promise.resolve()
  #ring: Ring | null = null
  #capture: CaptureSupervisor | null = null
  /** Why there is no capture at all (no ring, no source); captures have faults of their own. */
  #fault: Fault | null = null
  #framesDetected = 0
  /** The newest frame with an inference. */
  #inferredSeq = 0
  #waitingSinceMs: number | null = null

  constructor(config: StreamConfig, parts: StreamParts) {
    this.config = config
    this.#parts = parts
    this.#know(parts.engine.gone === null ? { type: 'engineBack' } : { type: 'engineGone', reason: parts.engine.gone })
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
    return this.#ring
  }

  get capture(): CaptureSupervisor | null {
    return this.#capture
  }

  get fault(): Fault | null {
    return this.#fault ?? this.#capture?.fault ?? null
  }

  get framesCaptured(): number {
    return this.#meter.total
  }

  /** Frames with an inference since the start. */
  get framesDetected(): number {
    return this.#framesDetected
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
    return this.#waitingSinceMs
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
    this.#stopping?.abort()
    this.#stopping = null
    this.#know({ type: 'captureGone', reason: 'stopped' })
    await this.#ended
  }

  /** The engine's word on one frame of this stream. */
  see(report: FrameReport, epoch: number): void {
    if (!report.predicted) {
      this.#framesDetected++
      this.#inferredSeq = report.seq
      this.#waitingSinceMs = null
    }
    // People in a file that passes faster than life move by its own time.
    const pictureMs = this.#parts.flow === 'live' ? report.arrivedMs : report.ptsNs / 1e6
    this.#know({ type: 'frame', report: { ...report, pictureMs }, epoch })
    if (this.config.detections && !report.predicted && !report.tentative) this.#tellDetections(report)
  }

  #tellDetections({ seq, arrivedMs, tracks }: FrameReport): void {
    const picture = this.#ring?.frameInfo(seq)
    if (!picture) return
    const ts = Math.round(Date.now() - (monotonicMs() - arrivedMs))
    this.#parts.onDetections({ stream: this.id, ts, tracks, width: picture.width, height: picture.height })
  }

  engineChanged(): void {
    const { gone } = this.#parts.engine
    this.#know(gone === null ? { type: 'engineBack' } : { type: 'engineGone', reason: gone })
  }

  /** Lets time pass: called a few times a second. */
  tick(): void {
    const head = this.#ring?.head ?? null
    this.#meter.see(head, monotonicMs())
    if (this.#capture?.phase === 'delivering' && (head ?? 0) > this.#inferredSeq) this.#waitingSinceMs ??= monotonicMs()
    this.#know({ type: 'tick' })
  }

  #know(event: DistributedOmit<StreamEvent, 'nowMs'>): void {
    if (event.type === 'captureGone') this.#waitingSinceMs = null
    const before = this.#state.scene
    const nowMs = monotonicMs()
    const { state, events } = stepStream(this.#state, { ...event, nowMs }, this.config)
    this.#state = state
    if (events.length > 0) this.#parts.onEvents(this, this.#dated(events, nowMs))
    // Time is told by whoever lets it pass, and a frame that shows what the last one showed is no news.
    const isNews = event.type === 'frame' ? isNewsAfter(before, state.scene) : event.type !== 'tick'
    if (isNews) this.#parts.onChange(this)
  }

  #dated(events: readonly SceneEvent[], nowMs: number): SceneEvent[] {
    const sinceMs = Date.now() - pictureClock(this.#state, nowMs)
    return events.map((event) => ({ ...event, atMs: event.atMs + sinceMs }))
  }

  /** Runs until `signal` aborts or a file is over; comes back from a ring or source that cannot be had. */
  async #live(signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#capturing(signal)
        if (!signal.aborted) this.#stopping = null
        this.#parts.onChange(this)
        return
      } catch (error) {
        if (!(error instanceof AgentError)) throw error
        if (this.#fault?.message !== error.what) this.#parts.log.error(error.message)
        this.#fault = toFault(error)
        this.#know({ type: 'captureGone', reason: reasonOf(this.#fault) })
        await sleep(restartDelayMs(failures), undefined, { signal }).catch(() => undefined)
      }
    }
  }

  /** With a ring and a capture until `signal` aborts or the source is over; throws when either cannot be made. */
  async #capturing(signal: AbortSignal): Promise<void> {
    const { files, engine, viewersDoorbell, captureEnv, flow, log, ending, openSource } = this.#parts
    const { id, frame, loop, rotate, flip, masks, detectFps, weight } = this.config
    const source = await openSource(this.config)
    using file = files.create(id, {
      slotCount: this.#slotCount(),
      maxWidth: frame.width,
      maxHeight: frame.height,
      format: 'I420',
      mode: flow,
    })
    const { ring } = file
    ring.setDoorbells(engine.doorbell, viewersDoorbell)
    if (flow === 'lossless') ring.setReleaser('engine')
    this.#ring = ring
    this.#inferredSeq = 0
    this.#fault = null
    engine.attach({ stream: id, ringPath: file.path, detectFps, weight })
    const order: CaptureOrder = {
      type: 'start',
      stream: id,
      source,
      loop,
      pace: flow === 'live' ? 'own' : 'unthrottled',
      rotate,
      flip,
      frame,
      masks,
      ringPath: file.path,
      doorbellsPath: this.#parts.doorbellsPath,
      parentPid: process.pid,
    }
    try {
      await using capture = new CaptureSupervisor({ order, env: captureEnv, ring, log, ending, onChange: () => this.#captureChanged() })
      this.#capture = capture
      this.#captureChanged()
      await Promise.race([aborted(signal), capture.over])
      // The end of a file has passed the capture, but maybe not the detector.
      while (flow === 'lossless' && !signal.aborted && ring.released < ring.head) await sleep(DRAIN_LOOK_MS)
      this.#fault = capture.fault
    } finally {
      // The ring goes last: neither the capture nor a viewer may find it closed.
      this.#capture = null
      this.#ring = null
      engine.detach(id)
    }
  }

  #slotCount(): number {
    const { ring, frame } = this.config
    if (ring.slots !== 'auto') return ring.slots
    const { detectorMs, maxBatch } = this.#parts.engine
    return this.#parts.flow === 'live' ? liveSlotCount(frame.fps, detectorMs) : losslessSlotCount(maxBatch)
  }

  #captureChanged(): void {
    const capture = this.#capture
    const ring = this.#ring
    if (!capture || !ring) return
    if (capture.phase === 'delivering') this.#know({ type: 'captureBack' })
    else {
      const reason = capture.fault === null ? capture.phase : reasonOf(capture.fault)
      this.#know({ type: 'captureGone', reason, ended: capture.fault?.code === 'SOURCE_ENDED' })
    }
  }

  /** Stops it for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.stop()
  }
}

function isNewsAfter(before: SceneState, after: SceneState): boolean {
  return (
    after.count.count !== before.count.count ||
    after.occupancy !== before.occupancy ||
    after.looks <= FIRST_LOOKS ||
    after.zones.some(({ dwells }, index) => dwells !== before.zones[index]?.dwells) ||
    [...after.zoneCounts].some(([zone, { count }]) => count !== before.zoneCounts.get(zone)?.count)
  )
}

type DistributedOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

/** A fault as the one line of text that stands in a stream's state. */
function reasonOf({ code, message, remedy }: Fault): string {
  return code === 'SOURCE_ENDED' ? 'end of file' : `${message} ${remedy} [${code}]`
}
