import type { Fault } from '../errors.ts'
import type { Track } from '../tracking/track.ts'

/** What runs the inference. `null:MS` (tests only) waits MS a batch off-thread and answers three fixed boxes. */
export type Backend = 'hailo' | 'onnx' | 'hog' | `null:${number}`

export interface DetectorOrder {
  readonly backend: Backend
  /** Path of the model file; null for hog and null, and for a HEF that the engine picks by chip from `hefFolders`. */
  readonly model: string | null
  /** Where HEFs are looked for, best first. */
  readonly hefFolders: readonly string[]
  /** NPUs that may be used: the first that opens is. */
  readonly devices: 'all' | readonly string[]
  /** It stands in for an NPU that is down, and says so with every result. */
  readonly cpuFallback: boolean
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

/** The NPU an engine has opened. */
export interface NpuFacts {
  /** For example 0000:01:00.0 */
  readonly deviceId: string
  /** For example Hailo-8L */
  readonly chip: string
  readonly firmwareVersion: string
  readonly libraryVersion: string
  /** Path of the HEF. */
  readonly model: string
}

/** What an NPU did since the last report. */
export interface NpuStats {
  /** Share of the time in which it had a frame to work on, 0–1. */
  readonly utilisation: number
  /** Of the hotter sensor; null: not readable. */
  readonly temperatureC: number | null
  /** Frames of a batch ÷ `batchSize`, 0–1; null: no batch. */
  readonly batchFill: number | null
  /** From a frame's arrival in the ring until the NPU had it, mean; null: no frame. */
  readonly queueAgeMs: number | null
}

/** The stages of a frame in the engine. */
export type Stage = 'wait' | 'letterbox' | 'inference' | 'track'

export interface StageTimes {
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Engine → agent. */
export type EngineReport =
  /** It can infer: at the start, and again after `recovering`. */
  | {
      readonly type: 'ready'
      readonly backend: Backend
      readonly simulated: boolean
      readonly detectorP99Ms: number
      /** null on a CPU. */
      readonly npu: NpuFacts | null
    }
  /** It cannot infer now and rebuilds the device itself: `ready` follows, or `failed`. */
  | { readonly type: 'recovering'; readonly fault: Fault }
  | { readonly type: 'results'; readonly frames: readonly FrameReport[] }
  /** The end-of-stream slot of a stream has passed. */
  | { readonly type: 'ended'; readonly stream: string; readonly seq: number }
  /** Every second, while streams are attached; with an NPU always. */
  | {
      readonly type: 'stats'
      readonly streams: readonly {
        readonly stream: string
        readonly framesLost: number
        readonly resultsLost: number
        /** The detector's own number for this stream, to begin with in a later life; null: nothing yet. */
        readonly learnt: number | null
      }[]
      /** null on a CPU. */
      readonly npu: NpuStats | null
      /** Over the last frames; none for a stage that nothing has passed. */
      readonly stages: Readonly<Partial<Record<Stage, StageTimes>>>
    }
  /** A stream could not be attached, or was let go, because its ring cannot be used; the engine does not try again by itself. */
  | { readonly type: 'ringLost'; readonly stream: string; readonly fault: Fault }
  | { readonly type: 'failed'; readonly fault: Fault }
