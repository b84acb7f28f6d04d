import { loadAddon } from './addon.ts'
import type { FrameInfo, RingHandle } from './ring.ts'

/** A frame to be looked at, where it lies. It is copied (scaled, letterboxed) natively and rechecked; ring memory is never held. */
export interface FrameRef {
  readonly ring: RingHandle
  readonly seq: number
}

/** What a model takes: three planes of floats, the picture in it with its aspect ratio kept, the rest grey (114). */
export interface LetterboxOrder {
  readonly width: number
  readonly height: number
  readonly placing: 'topLeft' | 'centre'
  readonly channels: 'rgb' | 'bgr'
  /** Each value (0–255) is multiplied by this. */
  readonly gain: number
}

/** Where the picture lies in the input, in its pixels. */
export interface Letterboxed {
  readonly info: FrameInfo
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Scales frames into a detector's input on libuv's threads; its scratch memory is allocated once. */
export interface Letterboxer {
  /** Fills `target` (3 × height × width); null when the frame was overwritten before it was copied: `target` is garbage then. */
  letterbox(frame: FrameRef, target: Float32Array): Promise<Letterboxed | null>
}

interface Addon {
  Letterboxer: new (order: LetterboxOrder) => Letterboxer
}

export const { Letterboxer } = loadAddon('pixels') as Addon
