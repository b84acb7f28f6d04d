import type { FrameRef } from './letterbox.ts'
import type { FrameInfo } from './ring.ts'

export interface ConfigureOptions {
  /** Frames the chip works through at a time, 1–16. */
  readonly batchSize: number
  readonly powerMode?: 'performance' | 'ultra'
  /** How long one write or read may wait. HailoRT's own default of 10 s is far too long. */
  readonly timeoutMs?: number
  /** Frames that wait in the library for the chip; 4–8 keep it busy. */
  readonly queueSize?: number
  /** Set on the chip's NMS where the HEF allows it, else applied here. */
  readonly scoreThreshold?: number
  readonly iouThreshold?: number
  /** Only these classes are answered; default: all. */
  readonly classes?: readonly number[]
}

/** An input or output as the HEF names and shapes it. */
export interface Stream {
  readonly name: string
  readonly format: 'uint8' | 'uint16' | 'float32'
  readonly frameBytes: number
  /** null for NMS outputs. */
  readonly shape: { readonly height: number; readonly width: number; readonly features: number } | null
  /** null for all others. */
  readonly nms: { readonly classes: number; readonly maxBoxesPerClass: number } | null
}

/** What the chip said of one frame. */
export interface InferredFrame {
  /** null for a frame that was given as bytes. */
  readonly info: FrameInfo | null
  /**
   * n × [x1, y1, x2, y2, score, class]: boxes of the NMS output, 0–1, clamped, origin top-left. Of the picture for a frame of a ring (the
   * letterbox is undone), of the network's input for bytes.
   */
  readonly detections: Float32Array
  /** Outputs that are no NMS, dequantised, by name. Shape: see `outputs`. */
  readonly tensors: Readonly<Record<string, Float32Array>>
}

/** Sums since the model was configured. */
export interface ModelCounters {
  /** Frames answered. */
  readonly frames: number
  /** Time with at least one frame between write and read: what the chip was busy at most, in ms. */
  readonly busyMs: number
  readonly letterboxMs: number
  readonly writeMs: number
  readonly decodeMs: number
  /** From arrival in the ring to the write, summed over frames of rings, in ms. */
  readonly queueAgeMs: number
  /** Frames between write and read now. */
  readonly inFlight: number
}

/** The letterboxed input as bytes: NHWC RGB, tightly packed. Copied before `infer` returns to the event loop. */
export type InputFrame = FrameRef | Uint8Array
