import { setTimeout as sleep } from 'node:timers/promises'
import type { Ring } from 'hailort-node/ring'
import type { CaptureOrder, Source } from '../capture/messages.ts'
import type { StreamConfig } from '../config/stream-schema.ts'
import { newStream, type StreamEvent, type StreamState, type StreamView, stepStream, viewOf } from '../counting/stream-state.ts'
import type { FrameReport } from '../engine/messages.ts'
import { AgentError, type Fault, toFault } from '../errors.ts'
import type { Log } from '../log.ts'
import { liveSlotCount, losslessSlotCount } from '../ring/layout.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import type { RingFiles } from '../ring/ring-files.ts'
import { FIRST_LOOKS } from '../tracking/tracker.ts'
import { CaptureSupervisor } from './capture-supervisor.ts'
import type { Attachment } from './engine-supervisor.ts'
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
  /** Takes the source text apart, with the password from its file. */
  readonly openSource: (config: StreamConfig) => Promise<Source>
}

const RETRY_RING_MS = 10_000

/** One camera: its ring, its capture, and what is known about the people in front of it. */
export class Stream implements AsyncDisposable {
  readonly config: StreamConfig
  readonly #parts: StreamParts
  readonly #meter = new FrameMeter()
  #state: StreamState = newStream
  #stopping: AbortController | null = null
  /** The end of the newest run: the next begins after it, so that a ring never has two writers. */
  #ended: Promise<void> = Promise.resolve()
  #ring: Ring | null = null
  #capture: CaptureSupervisor | null = null
  /** Why there is no capture at all (no ring, no source); captures have faults of their own. */
  #fault: Fault | null = null
  #framesDetected = 0
  #deliveringSinceMs: number | null = null

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

  /** Since when frames come, CLOCK_MONOTONIC in milliseconds; null: none come. */
  get deliveringSinceMs(): number | null {
    return this.#deliveringSinceMs
  }

  /** What can be said of it now. */
  view(): StreamView {
    return viewOf(this.#state, monotonicMs(), this.#settings)
  }

  get status(): 'online' | 'degraded' | 'offline' {
    if (this.#state.captureGone !== null) return 'offline'
    return this.view().quality === 'unknown' ? 'degraded' : 'online'
  }

  get #settings() {
    const { detectFps, occupancy } = this.config
    return { detectFps, occupancy }
  }

  /** Starts it; nothing happens when it runs. */
  start(): void {
    if (this.#stopping) return
    const stop = new AbortController()
    this.#stopping = stop
    this.#ended = this.#ended.then(() => this.#live(stop.signal))
    this.#parts.onChange(this)
  }

  /** Stops it and waits until its capture is gone and its ring removed. */
  async stop(): Promise<void> {
    this.#stopping?.abort()
    this.#stopping = null
    await this.#ended
    // Somebody may have started it again meanwhile.
    if (this.#stopping === null) this.#know({ type: 'captureGone', generation: this.#state.generation, reason: 'stopped' })
  }

  /** The engine's word on one frame of this stream. */
  see(report: FrameReport, epoch: number): void {
    if (!report.predicted) this.#framesDetected++
    this.#know({ type: 'frame', report, epoch })
  }

  engineChanged(): void {
    const { gone } = this.#parts.engine
    this.#know(gone === null ? { type: 'engineBack' } : { type: 'engineGone', reason: gone })
  }

  /** Lets time pass: called a few times a second. */
  tick(): void {
    this.#meter.see(this.#ring?.head ?? null, monotonicMs())
    this.#know({ type: 'tick' })
  }

  #know(event: DistributedOmit<StreamEvent, 'nowMs'>): void {
    if (event.type === 'captureBack') this.#deliveringSinceMs ??= monotonicMs()
    else if (event.type === 'captureGone') this.#deliveringSinceMs = null
    const before = this.#state
    this.#state = stepStream(before, { ...event, nowMs: monotonicMs() }, this.#settings)
    // Time is told by whoever lets it pass, and a frame that shows what the last one showed is no news.
    const isNews = event.type === 'frame' ? this.#isNews(before) : event.type !== 'tick'
    if (isNews) this.#parts.onChange(this)
  }

  #isNews(before: StreamState): boolean {
    const { last, occupancy, looks } = this.#state
    return last?.count !== before.last?.count || occupancy !== before.occupancy || looks <= FIRST_LOOKS
  }

  async #live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#capturing(signal)
      } catch (error) {
        if (!(error instanceof AgentError)) throw error
        this.#fault = toFault(error)
        this.#know({ type: 'captureGone', generation: this.#state.generation, reason: reasonOf(this.#fault) })
        this.#parts.log.error(error.message)
        await sleep(RETRY_RING_MS, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  /** With a ring and a capture until `signal` aborts; throws when either cannot be made. */
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
    file.ring.setDoorbells(engine.doorbell, viewersDoorbell)
    if (flow === 'lossless') file.ring.setReleaser('engine')
    this.#ring = file.ring
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
      await using capture = new CaptureSupervisor({
        order,
        env: captureEnv,
        ring: file.ring,
        log,
        ending,
        onChange: () => this.#captureChanged(),
      })
      this.#capture = capture
      this.#captureChanged()
      await aborted(signal)
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
      this.#know({ type: 'captureGone', generation: ring.generation, reason })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

type DistributedOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

/** A fault as the one line of text that stands in a stream's state. */
function reasonOf({ code, message, remedy }: Fault): string {
  return code === 'SOURCE_ENDED' ? 'end of file' : `${message} ${remedy} [${code}]`
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
