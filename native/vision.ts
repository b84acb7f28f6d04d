import { loadAddon } from './addon.ts'
import type { FrameRef } from './letterbox.ts'
import type { FrameInfo } from './ring.ts'

/** n × [x1, y1, x2, y2, margin], 0–1 of the frame: one box a person, shrunk to fit, with the margin of its best window. */
export interface Found {
  readonly boxes: Float32Array
  readonly info: FrameInfo
}

export interface HogSearch {
  readonly people: 'default' | 'daimler'
  /** The Y plane is scaled to this height before the search, in pixels: people of 80 to 200 pixels are seen then. */
  readonly searchHeight: number
  /** Window stride in pixels, a multiple of 4. */
  readonly stride: number
  /** Step of the search pyramid, > 1. */
  readonly scale: number
  /** Windows with less margin are not reported. */
  readonly hitThreshold: number
}

/** OpenCV's HOG people detector on the Y plane. One detection at a time: further calls wait for it. */
export interface HogDetector {
  /** null when the frame was overwritten before it was copied. */
  detect(frame: FrameRef, search: HogSearch): Promise<Found | null>
  /** Detections under way still answer; later ones reject. May be called twice. */
  close(): void
}

interface Addon {
  /** Threads OpenCV may use in this process, from 1; at most as many as there are cores. */
  setThreads: (count: number) => void
  HogDetector: new () => HogDetector
}

export const { setThreads, HogDetector } = loadAddon('vision') as Addon
