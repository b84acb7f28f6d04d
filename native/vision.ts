import { loadAddon } from './addon.ts'
import type { FrameInfo, RingHandle } from './ring.ts'

/** A frame to be looked at, where it lies. It is copied (scaled, letterboxed) natively and rechecked; ring memory is never held. */
export interface FrameRef {
  readonly ring: RingHandle
  readonly seq: number
}

/** n × [x1, y1, x2, y2, score], 0–1 of the frame, persons only, after NMS. */
export interface Found {
  readonly boxes: Float32Array
  readonly info: FrameInfo
}

export interface HogSearch {
  readonly people: 'default' | 'daimler'
  /** The Y plane is scaled to this height before the search, in pixels. */
  readonly searchHeight: number
  /** Window stride in pixels, a multiple of 4. */
  readonly stride: number
  /** Step of the search pyramid, > 1. */
  readonly scale: number
  readonly hitThreshold: number
}

/** OpenCV's HOG people detector on the Y plane. */
export interface HogDetector {
  /** null when the frame was overwritten before it was copied. */
  detect(frame: FrameRef, search: HogSearch): Promise<Found | null>
  close(): void
}

export interface OnnxModel {
  readonly inputWidth: number
  readonly inputHeight: number
  readonly kind: 'yolox' | 'yolov8'
  detect(frame: FrameRef, thresholds: { score: number; iou: number }): Promise<Found | null>
  close(): void
}

interface Addon {
  /** Threads OpenCV may use in this process. */
  setThreads(count: number): void
  HogDetector: new () => HogDetector
  /** Errors carry `code`: MODEL_MISSING, MODEL_UNREADABLE, MODEL_UNSUPPORTED. */
  openOnnx(path: string): Promise<OnnxModel>
}

export const { setThreads, HogDetector, openOnnx } = loadAddon('vision') as Addon
