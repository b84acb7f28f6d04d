import { loadAddon } from './addon.ts'
import type { FrameInfo, RingHandle } from './ring.ts'

export interface EncodeOptions {
  /** Draw the boxes of the frame's own result block. */
  readonly overlay: boolean
  /** Scale down to this width (2–16384, made even), aspect ratio kept; null = as it lies in the ring. Never enlarges. */
  readonly width: number | null
  /** 1–100 */
  readonly quality: number
}

export interface EncodedFrame {
  readonly jpeg: Buffer
  readonly info: FrameInfo
  /** Persons in the frame's result block. */
  readonly people: number
}

/** JPEG encoder with threads of its own at the lowest priority (SCHED_IDLE): encoding gives way to detection. */
export interface JpegEncoder {
  /**
   * Copies the slot, rechecks, draws, encodes; null when the frame was overwritten first, has no pixels (end of stream), or when 64 calls
   * wait already. Rejects after close.
   */
  encode(ring: RingHandle, seq: number, options: EncodeOptions): Promise<EncodedFrame | null>
  /** Pending calls settle with null. May be called twice. */
  close(): void
}

interface Addon {
  JpegEncoder: new (threads: 1 | 2) => JpegEncoder
}

export const { JpegEncoder } = loadAddon('pixels') as Addon
