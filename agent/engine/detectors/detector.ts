import type { FrameInfo, Ring } from 'hailort-node/ring'
import type { DetectedBox } from '../../tracking/track.ts'
import type { Backend, NpuFacts, NpuStats } from '../messages.ts'

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
  /** Of this frame's way into the detector's input; unknown where it is part of the inference. */
  readonly letterboxMs?: number
}

/** The NPU behind a detector. */
export interface Npu {
  readonly facts: NpuFacts
  /** What it did since the last call. */
  stats(): NpuStats
}

/** Finds people in frames. As many calls at a time as `maxInFlight`; disposing waits for those under way. */
export interface Detector extends AsyncDisposable {
  readonly backend: Backend
  readonly simulated: boolean
  /** 2: a second batch keeps a device busy while the boxes of the first are read. On a CPU it would only wait. */
  readonly maxInFlight: 1 | 2
  /** null on a CPU. A device that fails is worth opening again; a CPU detector is not. */
  readonly npu: Npu | null
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
