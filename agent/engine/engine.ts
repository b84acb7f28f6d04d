import type { Ring } from 'hailort-node/ring'
import { countFromOne, type TrackerSettings } from '../tracking/tracker.ts'
import { AttachedStream } from './attached-stream.ts'
import type { DetectedFrame, Detector, DetectorFrame, Npu } from './detectors/detector.ts'
import type { EngineReport, FrameReport } from './messages.ts'
import { type Batch, Scheduler } from './scheduler.ts'
import { StageMeter } from './stage-meter.ts'

/** What the engine needs of a detector. */
export type FrameDetector = Pick<Detector, 'simulated' | 'detect' | 'learnt' | 'recall' | 'forget'>

export interface EngineParts {
  readonly detector: FrameDetector
  readonly npu: Npu | null
  /** Said with every result. */
  readonly cpuFallback: boolean
  /** A stream that comes back goes on numbering: an id means one person for as long as this process lives. */
  readonly trackIds: Map<string, () => number>
  readonly tracking: TrackerSettings
  readonly batchSize: number
  readonly maxBatch: number
  readonly maxInFlight: number
  /** What a batch takes, by the canary. */
  readonly batchMs: number
  readonly send: (report: EngineReport) => void
  /** Reports sent that the agent has not taken yet. */
  readonly backlog: () => number
  /** CLOCK_MONOTONIC in milliseconds. */
  readonly nowMs: () => number
  /** The engine cannot go on, and is closed. Called once. */
  readonly onFailure: (cause: unknown) => void
  /** A stream was let go because its ring cannot be used; it comes back only when it is attached again. */
  readonly onRingLost: (stream: string, cause: unknown) => void
}

/** A batch on its way, in the order of dispatch. */
interface Flight {
  readonly batch: Batch
  readonly streams: readonly (AttachedStream | undefined)[]
  readonly startedMs: number
  outcome: { readonly found: readonly (DetectedFrame | null)[]; readonly tookMs: number } | null
}

/** An agent that takes no reports gets no new ones: its counts become unknown, and no memory is filled. */
const MOST_BACKLOG = 64
/** Detectors slower than this leave viewers with a gap: the frames they work on get predicted boxes first. */
const SLOW_MS = 50

/** Takes frames from all attached rings to the detector and brings tracks back into the rings and to the agent. */
export class Engine {
  readonly #parts: EngineParts
  readonly #scheduler: Scheduler
  readonly #streams = new Map<string, AttachedStream>()
  readonly #stages = new StageMeter()
  readonly #leaving = new Set<AttachedStream>()
  readonly #flights: Flight[] = []
  #batchMs: number
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(parts: EngineParts) {
    this.#parts = parts
    this.#batchMs = parts.batchMs
    this.#scheduler = new Scheduler(parts)
  }

  /** Takes a ring over; a stream of that name is let go first. */
  attach(ring: Ring, { stream, detectFps, weight, learnt }: { stream: string; detectFps: number; weight: number; learnt?: number }): void {
    this.detach(stream)
    const { detector, tracking, cpuFallback, trackIds } = this.#parts
    const nextTrackId = trackIds.get(stream) ?? countFromOne()
    trackIds.set(stream, nextTrackId)
    const attached = new AttachedStream({ stream, ring, tracking, simulated: detector.simulated, cpuFallback, nextTrackId })
    this.#streams.set(stream, attached)
    if (learnt !== undefined) detector.recall?.(stream, learnt)
    this.#scheduler.add(stream, { lossless: attached.lossless, detectFps, weight, after: attached.after })
    this.pump()
  }

  /** Lets a stream go. Its ring is closed when the detector holds no frame of it. */
  detach(stream: string): void {
    const attached = this.#streams.get(stream)
    if (attached === undefined) return
    this.#streams.delete(stream)
    this.#scheduler.remove(stream)
    this.#parts.detector.forget(stream)
    this.#leaving.add(attached)
    this.#closeLeaving()
  }

  /** Looks at all rings and gives the detector what is due. Cheap: called for every doorbell. */
  pump(): void {
    if (this.#closed) return
    for (const attached of this.#streams.values()) this.#guard(attached, () => this.#look(attached))
    while (this.#parts.backlog() <= MOST_BACKLOG) {
      const offers = [...this.#streams.values()].map((attached) => attached.offer())
      const batch = this.#scheduler.next(offers, this.#flights.length, this.#parts.nowMs())
      if (batch === null) break
      this.#dispatch(batch)
    }
    const held = this.#batchMs > SLOW_MS ? new Set<string>() : this.#newestInFlight()
    for (const attached of this.#streams.values()) if (!held.has(attached.stream)) this.#guard(attached, () => attached.predictNewest())
    this.#wakeLater()
  }

  /** The numbers of what was missed; once a second. */
  tick(): void {
    this.pump()
    const { npu } = this.#parts
    if (this.#streams.size === 0 && npu === null) return
    const streams = [...this.#streams.values()].map(({ stream, framesLost, ring }) => ({
      stream,
      framesLost,
      resultsLost: ring.resultsLost,
      learnt: this.#parts.detector.learnt?.(stream) ?? null,
    }))
    this.#parts.send({ type: 'stats', streams, npu: npu?.stats() ?? null, stages: this.#stages.times() })
  }

  /** Whether the detector is at work. */
  get busy(): boolean {
    return this.#flights.length > 0
  }

  /** Lets every stream go; what is in flight is dropped. (Native work on a ring keeps its own hold of the mapping.) */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
    for (const attached of [...this.#streams.values(), ...this.#leaving]) attached.close()
    this.#streams.clear()
    this.#leaving.clear()
  }

  #look(attached: AttachedStream): void {
    const ended = attached.look() ?? attached.passEnd()
    if (ended !== null) this.#parts.send({ type: 'ended', stream: attached.stream, seq: ended })
  }

  #dispatch(batch: Batch): void {
    const streams = batch.frames.map(({ stream }) => this.#streams.get(stream))
    const frames = batch.frames.flatMap(({ stream, seq }, index) => {
      const attached = streams[index]
      if (attached === undefined) return []
      attached.inFlight++
      return [{ stream, seq, ring: attached.ring }]
    })
    const flight: Flight = { batch, streams, startedMs: this.#parts.nowMs(), outcome: null }
    this.#flights.push(flight)
    this.#fly(flight, frames).catch((error: unknown) => {
      if (this.#closed) return
      this.close()
      this.#parts.onFailure(error)
    })
  }

  async #fly(flight: Flight, frames: readonly DetectorFrame[]): Promise<void> {
    const found = await this.#parts.detector.detect(frames)
    if (this.#closed) return
    if (found.length !== frames.length) throw new Error(`The detector answered ${found.length} of ${frames.length} frames.`)
    flight.outcome = { found, tookMs: this.#parts.nowMs() - flight.startedMs }
    this.#land()
    this.pump()
  }

  /** Applies what has come back, in the order in which it was sent, whichever batch was faster. */
  #land(): void {
    for (let flight = this.#flights[0]; flight?.outcome; flight = this.#flights[0]) {
      this.#flights.shift()
      const { batch, streams, outcome } = flight
      this.#scheduler.done(batch, outcome.tookMs)
      this.#batchMs += (outcome.tookMs - this.#batchMs) / 8
      const inferenceUs = Math.round((outcome.tookMs * 1_000) / batch.frames.length)
      this.#measure(flight, outcome)
      const reports = streams.flatMap((attached, index) => this.#apply(attached, outcome.found[index] ?? null, inferenceUs))
      if (reports.length > 0) this.#parts.send({ type: 'results', frames: reports })
    }
    this.#closeLeaving()
  }

  #measure({ startedMs }: Flight, { found, tookMs }: NonNullable<Flight['outcome']>): void {
    this.#stages.add('inference', tookMs)
    for (const frame of found) {
      if (frame === null) continue
      this.#stages.add('wait', startedMs - frame.info.arrivedMs)
      if (frame.letterboxMs !== undefined) this.#stages.add('letterbox', frame.letterboxMs)
    }
  }

  #apply(attached: AttachedStream | undefined, found: DetectedFrame | null, inferenceUs: number): FrameReport[] {
    if (attached === undefined) return []
    if (this.#leaving.has(attached)) {
      attached.inFlight--
      return []
    }
    const reports: FrameReport[] = []
    this.#guard(attached, () => {
      const beforeMs = this.#parts.nowMs()
      const report = attached.apply(found, inferenceUs, beforeMs)
      this.#stages.add('track', this.#parts.nowMs() - beforeMs)
      if (report !== null) reports.push(report)
    })
    return reports
  }

  /** Streams whose newest frame the detector holds. */
  #newestInFlight(): Set<string> {
    const frames = this.#flights.flatMap(({ batch }) => batch.frames)
    return new Set(frames.filter(({ stream, seq }) => this.#streams.get(stream)?.offer().newest === seq).map(({ stream }) => stream))
  }

  /** One bad ring is let go; the others go on. */
  #guard(attached: AttachedStream, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.detach(attached.stream)
      this.#parts.onRingLost(attached.stream, error)
    }
  }

  #closeLeaving(): void {
    for (const attached of this.#leaving) {
      if (attached.inFlight > 0) continue
      this.#leaving.delete(attached)
      attached.close()
    }
  }

  #wakeLater(): void {
    const inMs = this.#scheduler.wakeInMs(this.#parts.nowMs())
    if (this.#timer || inMs === null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.pump()
    }, inMs)
  }
}
