import { setTimeout as sleep } from 'node:timers/promises'
import type { Ring } from 'hailort-node/ring'
import type { CaptureOrder, Source } from '../capture/messages.ts'
import type { StreamConfig } from '../config/stream-schema.ts'
import { AgentError, type Fault, toFault } from '../errors.ts'
import type { Log, Print } from '../log.ts'
import { liveSlotCount, losslessSlotCount } from '../ring/layout.ts'
import type { RingFiles } from '../ring/ring-files.ts'
import { aborted } from './aborted.ts'
import { restartDelayMs } from './backoff.ts'
import { CaptureSupervisor } from './capture-supervisor.ts'
import type { Attachment } from './engine-life.ts'

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

export interface CaptureParts {
  readonly files: RingFiles
  readonly engine: EngineLink
  readonly doorbellsPath: string
  readonly viewersDoorbell: number
  readonly captureEnv: NodeJS.ProcessEnv
  readonly flow: Flow
  readonly log: Log
  /** Where lines go that a capture prints; default: stderr. */
  readonly print?: Print | undefined
  /** The whole agent ends. */
  readonly ending: AbortSignal
  /** Takes the source text apart, with the password from its file. */
  readonly openSource: (config: StreamConfig) => Promise<Source>
}

interface Listener {
  /** A ring was made: its frames are numbered anew. */
  onRing(): void
  onBack(): void
  /** No frames come now. `ended`: a file is over. */
  onGone(reason: string, ended: boolean): void
}

const DRAIN_LOOK_MS = 50

/** The ring and the capture of one stream, as long as it runs; one run follows the other. */
export class CaptureRun {
  readonly #config: StreamConfig
  readonly #parts: CaptureParts
  readonly #listener: Listener
  #ring: Ring | null = null
  #capture: CaptureSupervisor | null = null
  /** Why there is no capture at all (no ring, no source); captures have faults of their own. */
  #fault: Fault | null = null

  constructor(config: StreamConfig, parts: CaptureParts, listener: Listener) {
    this.#config = config
    this.#parts = parts
    this.#listener = listener
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

  /** Runs until `signal` aborts or a file is over; comes back from a ring or source that cannot be had. */
  async live(signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#capturing(signal)
        return
      } catch (error) {
        if (!(error instanceof AgentError)) throw error
        if (this.#fault?.message !== error.what) this.#parts.log.error(error.message)
        this.#fault = toFault(error)
        this.#listener.onGone(reasonOf(this.#fault), false)
        await sleep(restartDelayMs(failures), undefined, { signal }).catch(() => undefined)
      }
    }
  }

  /** With a ring and a capture until `signal` aborts or the source is over; throws when either cannot be made. */
  async #capturing(signal: AbortSignal): Promise<void> {
    const { files, engine, viewersDoorbell, captureEnv, flow, log, print, ending, openSource } = this.#parts
    const { id, frame, detectFps, weight } = this.#config
    const source = await openSource(this.#config)
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
    this.#listener.onRing()
    this.#fault = null
    engine.attach({ stream: id, ringPath: file.path, detectFps, weight })
    const order = this.#order(source, file.path)
    try {
      await using capture = new CaptureSupervisor({ order, env: captureEnv, ring, log, print, ending, onChange: () => this.#changed() })
      this.#capture = capture
      this.#changed()
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

  #order(source: Source, ringPath: string): Extract<CaptureOrder, { type: 'start' }> {
    const { id, frame, loop, rotate, flip, masks } = this.#config
    const { flow, doorbellsPath } = this.#parts
    const pace = flow === 'live' ? 'own' : 'unthrottled'
    return { type: 'start', stream: id, source, loop, pace, rotate, flip, frame, masks, ringPath, doorbellsPath, parentPid: process.pid }
  }

  #slotCount(): number {
    const { ring, frame } = this.#config
    if (ring.slots !== 'auto') return ring.slots
    const { detectorMs, maxBatch } = this.#parts.engine
    return this.#parts.flow === 'live' ? liveSlotCount(frame.fps, detectorMs) : losslessSlotCount(maxBatch)
  }

  #changed(): void {
    const capture = this.#capture
    if (!capture || !this.#ring) return
    if (capture.phase === 'delivering') this.#listener.onBack()
    else this.#listener.onGone(capture.fault === null ? capture.phase : reasonOf(capture.fault), capture.fault?.code === 'SOURCE_ENDED')
  }
}

/** A fault as the one line of text that stands in a stream's state. */
function reasonOf({ code, message, remedy }: Fault): string {
  return code === 'SOURCE_ENDED' ? 'end of file' : `${message} ${remedy} [${code}]`
}
