import type { FrameInfo, Ring } from 'hailort-node/ring'
import type { DetectedBox } from '../../tracking/track.ts'
import type { Backend } from '../messages.ts'

/** A frame to be looked at, where it lies. */
export interface DetectorFrame {
  readonly stream: string
  readonly ring: Ring
  readonly seq: number
}

export interface DetectedFrame {
  /** Persons, each once, strongest first. */
  readonly boxes: readonly DetectedBox[]
  readonly info: FrameInfo
  /** True while the detector still finds out how to look at this stream: whom it misses may be there all the same. */
  readonly guess?: boolean
}

/** Finds people in frames. One call at a time; disposing waits for the call under way. */
export interface Detector extends AsyncDisposable {
  readonly backend: Backend
  readonly simulated: boolean
  /** Frames one call takes at most. */
  readonly maxBatch: number
  /** One entry a frame, in order; null: overwritten before it was copied. */
  detect(frames: readonly DetectorFrame[]): Promise<readonly (DetectedFrame | null)[]>
  /** What was learnt of a stream, as one number that a later engine can begin with; null: nothing yet. */
  learnt?(stream: string): number | null
  /** Begins a stream with what an earlier engine learnt of it. */
  recall?(stream: string, learnt: number): void
  /** Forget what was learnt of a stream. */
  forget(stream: string): void
}
