import type { FrameInfo, Ring } from 'hailort-node/ring'
import type { Track } from '../tracking/track.ts'
import { Tracker, type TrackerSettings } from '../tracking/tracker.ts'
import type { DetectedFrame } from './detectors/detector.ts'
import type { FrameReport } from './messages.ts'
import type { Offer } from './scheduler.ts'

export interface AttachedStreamOptions {
  readonly stream: string
  readonly ring: Ring
  readonly tracking: TrackerSettings
  readonly simulated: boolean
  readonly cpuFallback: boolean
  readonly nextTrackId: () => number
}

/** One stream as the engine sees it: its ring, the people followed in it, and what was missed. Not for use after `close()`. */
export class AttachedStream {
  readonly stream: string
  readonly ring: Ring
  readonly lossless: boolean
  readonly #tracker: Tracker
  readonly #simulated: boolean
  readonly #cpuFallback: boolean
  #newest: FrameInfo | null = null
  /** Frames up to here have been seen, or are known to be lost. */
  #seen: number
  /** Frames up to here have a result block. */
  #written = 0
  #generation = 0
  #guessing = false
  #endSeq: number | null = null
  #endPassed = false
  #framesLost = 0
  /** Frames the detector holds. */
  inFlight = 0

  constructor({ stream, ring, tracking, simulated, cpuFallback, nextTrackId }: AttachedStreamOptions) {
    this.stream = stream
    this.ring = ring
    this.lossless = ring.geometry.mode === 'lossless'
    this.#tracker = new Tracker(tracking, nextTrackId)
    this.#simulated = simulated
    this.#cpuFallback = cpuFallback
    ring.takeResults()
    this.#seen = this.after
  }

  /** Frames up to here are not for us: a file goes on behind its last result, a camera with whatever it shows now. */
  get after(): number {
    return this.lossless ? this.ring.resultHead : Math.max(0, this.ring.head - 1)
  }

  get framesLost(): number {
    return this.#framesLost
  }

  /** Looks what the ring has. Returns the end-of-stream slot when a live stream has just shown it. */
  look(): number | null {
    const { head } = this.ring
    if (head <= this.#seen) return null
    if (!this.lossless) this.#framesLost += head - this.#seen - 1
    this.#seen = head
    const info = this.ring.frameInfo(head)
    if (info === null) {
      // Overwritten between two looks: the next one is on its way.
      this.#framesLost++
      return null
    }
    if (!info.endOfStream) this.#newest = info
    else if (this.lossless) this.#endSeq = head
    else {
      this.#newest = null
      return head
    }
    return null
  }

  offer(): Offer {
    const { stream } = this
    if (!this.lossless) return { stream, newest: this.#newest?.seq ?? 0, urgent: false }
    const ended = this.#endSeq !== null
    const full = this.#seen - this.ring.released >= this.ring.geometry.slotCount
    return { stream, newest: ended ? this.#seen - 1 : this.#seen, urgent: ended || full }
  }

  /** Gives the newest frame of a live stream the boxes that the tracker expects, so that a viewer need not wait for the detector. */
  predictNewest(): void {
    const info = this.#newest
    if (this.lossless || info === null || info.seq <= this.#written) return
    this.#write(info.seq, info.generation === this.#generation ? this.#tracker.predict(this.#timeOf(info)) : [], 0, true)
  }

  /** Takes what the detector found (null: the frame was overwritten first), frame by frame in order, and says it. */
  apply(found: DetectedFrame | null, inferenceUs: number, nowMs: number): FrameReport | null {
    this.inFlight--
    if (found === null) {
      if (this.lossless) throw new Error(`A frame of the lossless ring ${this.ring.path} was overwritten before it was released.`)
      this.#framesLost++
      return null
    }
    const { info, boxes, guess = false } = found
    // Another writer, another picture: whoever was in the last one is not followed into this one. After guesses the looks begin anew.
    if (info.generation !== this.#generation || (this.#guessing && !guess)) this.#tracker.reset()
    this.#generation = info.generation
    this.#guessing = guess
    const tracks = this.#tracker.step(boxes, this.#timeOf(info))
    this.#write(info.seq, tracks, inferenceUs, false)
    if (this.lossless) this.ring.release(info.seq)
    const { seq, generation, ptsNs, arrivedMs } = info
    return {
      stream: this.stream,
      seq,
      generation,
      ptsNs,
      arrivedMs,
      resultMs: nowMs,
      inferenceUs,
      predicted: false,
      tentative: guess,
      tracks,
    }
  }

  /** Passes the end-of-stream slot of a lossless stream once everything before it has a result; returns it then. */
  passEnd(): number | null {
    const end = this.#endSeq
    if (end === null || this.#endPassed || this.inFlight > 0 || this.ring.resultHead !== end - 1) return null
    this.#endPassed = true
    this.#write(end, [], 0, false)
    this.ring.release(end)
    return end
  }

  close(): void {
    this.ring.close()
  }

  /** Files are timed by their own clock, since they run at any speed; cameras by arrival, since theirs may jump. */
  #timeOf({ ptsNs, arrivedMs }: FrameInfo): number {
    return this.lossless && ptsNs >= 0 ? ptsNs / 1e6 : arrivedMs
  }

  /** Only people that count have a box in the ring: whoever looks at a frame sees as many as the count says. */
  #write(seq: number, tracks: readonly Track[], inferenceUs: number, predicted: boolean): void {
    const detections = tracks.filter(({ confirmed }) => confirmed).map(({ id, ...track }) => ({ ...track, trackId: id }))
    this.ring.writeResults(seq, { detections, inferenceUs, predicted, cpuFallback: this.#cpuFallback, simulated: this.#simulated })
    this.#written = Math.max(this.#written, seq)
  }
}
