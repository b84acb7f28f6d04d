import { loadAddon } from './addon.ts'

/** FourCC of the pixels in a slot. I420: Y plane, then U and V of a quarter each, tightly packed. */
export type PixelFormat = 'I420' | 'RGB3'

/** What the header of a ring says for good. */
export interface RingGeometry {
  /** 4–64 */
  readonly slotCount: number
  /** Even, in pixels; a frame may be smaller. */
  readonly maxWidth: number
  readonly maxHeight: number
  readonly format: PixelFormat
  /** live: the writer overwrites. lossless: the writer waits for `release`. */
  readonly mode: 'live' | 'lossless'
}

/** The slot header of one frame, as copied under its seqlock. */
export interface FrameInfo {
  /** From 1, never restarts. Exact up to 2^53. */
  readonly seq: number
  /** Nanoseconds of stream time, -1 unknown. Exact up to 2^53 (104 days). */
  readonly ptsNs: number
  /** CLOCK_MONOTONIC at arrival in the ring, in milliseconds: the clock of `process.hrtime`. */
  readonly arrivedMs: number
  readonly width: number
  readonly height: number
  readonly format: PixelFormat
  /** Bytes of pixels. */
  readonly sizeBytes: number
  readonly discontinuity: boolean
  /** No pixels: the source has ended; this slot passes every stage. */
  readonly endOfStream: boolean
  readonly generation: number
}

/** One detection as it lies in a result block: box 0–1, origin top-left. */
export interface Detection {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  readonly score: number
  /** 0 = person */
  readonly classId: number
  /** -1 = no track */
  readonly trackId: number
}

export interface Results {
  readonly detections: readonly Detection[]
  /** Batch time ÷ frames of the batch, in microseconds. */
  readonly inferenceUs: number
  /** By the tracker alone: no inference on this frame. */
  readonly predicted: boolean
  readonly cpuFallback: boolean
  readonly simulated: boolean
}

/** The most detections a result block holds; more are cut, lowest score first. */
export const MAX_DETECTIONS = 128

declare const handleBrand: unique symbol
/** A mapped ring as other addons take it: it keeps the mapping alive while native work uses it. */
export interface RingHandle {
  readonly [handleBrand]: true
}

/**
 * One mapped ring file (format: native/ring/FORMAT.md). Slots and result blocks are read and written natively only.
 * Everything but `path` and `close` throws after `close()`. Errors carry `code`: RING_NO_SPACE, RING_EXISTS, RING_MISSING, RING_FORMAT,
 * RING_IO, RING_CLOSED; an argument of the wrong kind is a TypeError.
 */
export interface Ring {
  readonly path: string
  readonly geometry: RingGeometry
  readonly handle: RingHandle
  /** Sequence number of the newest complete frame, 0 = none. */
  readonly head: number
  readonly resultHead: number
  readonly released: number
  readonly generation: number
  /** 0 when there is none. */
  readonly writerPid: number
  readonly resultsLost: number
  /** Slot header of frame `seq`; null when it is overwritten or not there yet. */
  frameInfo(seq: number): FrameInfo | null
  /** Copies the pixels of frame `seq` into `target` and rechecks; null when the frame was lost before the copy was whole. */
  readFrame(seq: number, target: Uint8Array): FrameInfo | null
  /** The result block of frame `seq`; null when there is none, when it is being written, or when the slot holds another frame. */
  readResults(seq: number): Results | null
  /** Writes the result block of frame `seq`, moves resultHead, rings the results doorbell; false (and resultsLost + 1) when the slot was overwritten; false too once another engine took the results. */
  writeResults(seq: number, results: Results): boolean
  /** Makes this process the owner of result blocks. Returns the new epoch. */
  takeResults(): number
  /** Names the one who releases frames of a lossless ring. */
  setReleaser(who: 'engine' | 'render'): void
  /** Lossless: frames up to `seq` may be overwritten; wakes a waiting writer. */
  release(seq: number): void
  /** Index of the doorbell for frames and for results; may change while running. */
  setDoorbells(frames: number, results: number): void
  /** The bells that `writeResults`, and writers opened after this call, ring; without it they ring nothing. */
  useDoorbells(doorbells: Doorbells): void
  /** Gives the mapping up at once: it is unmapped when the last native user (a writer, work in flight on `handle`) is done. May be called twice. */
  close(): void
}

/** Writes frames from JavaScript: for tests and for sources that are not GStreamer. One writer a ring. */
export interface RingWriter {
  /** Sequence number of the frame written, or null when a lossless ring stayed full for 200 ms. `pixels` is tightly packed. */
  write(pixels: Uint8Array, frame: { width: number; height: number; ptsNs: number; discontinuity?: boolean }): number | null
  endOfStream(): number | null
  /** Clears the writer pid, gives its share of the mapping up. May be called twice. */
  close(): void
}

/** `<runtime dir>/doorbells`: one futex word a waiter. Index 0 belongs to nobody: a new ring rings it. */
export interface Doorbells {
  readonly count: number
  ring(index: number): void
  /** Writers and waiters keep what they use. May be called twice. */
  close(): void
}

/**
 * One native thread that waits on one doorbell and calls back on the JavaScript thread; rings that come while a call is pending are folded into it.
 * Whatever rings after `waitOnDoorbell` has returned is told: look at the heads once yourself, then rely on the calls.
 */
export interface DoorbellWaiter {
  /** Rings, joins the thread, and lets the event loop end; no call comes afterwards. May be called twice. */
  stop(): void
  /** Waiting keeps the event loop alive; after `unref` it does not, until `ref`. */
  unref(): void
  ref(): void
}

interface Addon {
  /** Creates the file (O_EXCL, 0600) and reserves all of it. */
  createRing: (path: string, geometry: RingGeometry) => void
  openRing: (path: string) => Ring
  /** Attaches as the writer: repairs odd locks of a dead one, raises the generation. */
  openWriter: (ring: Ring) => RingWriter
  createDoorbells: (path: string, count: number) => void
  openDoorbells: (path: string) => Doorbells
  waitOnDoorbell: (doorbells: Doorbells, index: number, onRing: () => void) => DoorbellWaiter
}

export const { createRing, openRing, openWriter, createDoorbells, openDoorbells, waitOnDoorbell } = loadAddon('ring') as Addon
