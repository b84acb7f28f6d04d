import type { Fault } from '../errors.ts'
import type { Track } from '../tracking/track.ts'

/** What runs the inference. `null:MS` (tests only) waits MS a batch off-thread and answers three fixed boxes. */
export type Backend = 'hailo' | 'onnx' | 'hog' | `null:${number}`

export interface DetectorOrder {
  readonly backend: Backend
  /** Path of the model file; null for hog and null. */
  readonly model: string | null
  readonly scoreThreshold: number
  readonly iouThreshold: number
  readonly batchSize: number
  readonly maxBatch: number
  readonly hog: {
    readonly people: 'auto' | 'default' | 'daimler'
    readonly searchHeight: 'auto' | number
    readonly stride: number
    readonly scale: number
    readonly hitThreshold: 'auto' | number
  }
  readonly tracking: { readonly buffer: number; readonly confirmFrames: number }
}

/** Agent → engine. */
export type EngineOrder =
  | {
      readonly type: 'start'
      readonly detector: DetectorOrder
      readonly doorbellsPath: string
      /** The doorbell this engine waits on for frames. */
      readonly doorbell: number
      readonly parentPid: number
    }
  | {
      readonly type: 'attach'
      readonly stream: string
      readonly ringPath: string
      readonly detectFps: number
      readonly weight: number
      /** What an earlier life of the engine learnt of this stream, as it said in `stats`. */
      readonly learnt?: number
    }
  | { readonly type: 'detach'; readonly stream: string }
  | { readonly type: 'stop' }

/** One frame with a result, as the agent learns of it. */
export interface FrameReport {
  readonly stream: string
  readonly seq: number
  readonly generation: number
  readonly ptsNs: number
  /** CLOCK_MONOTONIC in milliseconds. */
  readonly arrivedMs: number
  readonly resultMs: number
  readonly inferenceUs: number
  /** True when the tracker alone made it: it proves nothing about the world. */
  readonly predicted: boolean
  /** True while the detector still finds out how to look at this stream: whom it misses may be there all the same. */
  readonly tentative: boolean
  readonly tracks: readonly Track[]
}

/** Engine → agent. */
export type EngineReport =
  | { readonly type: 'ready'; readonly backend: Backend; readonly simulated: boolean; readonly detectorP99Ms: number }
  | { readonly type: 'results'; readonly frames: readonly FrameReport[] }
  /** The end-of-stream slot of a stream has passed. */
  | { readonly type: 'ended'; readonly stream: string; readonly seq: number }
  /** Every second, while streams are attached. */
  | {
      readonly type: 'stats'
      readonly streams: readonly {
        readonly stream: string
        readonly framesLost: number
        readonly resultsLost: number
        /** The detector's own number for this stream, to begin with in a later life; null: nothing yet. */
        readonly learnt: number | null
      }[]
    }
  /** A stream could not be attached, or was let go, because its ring cannot be used; the engine does not try again by itself. */
  | { readonly type: 'ringLost'; readonly stream: string; readonly fault: Fault }
  | { readonly type: 'failed'; readonly fault: Fault }
