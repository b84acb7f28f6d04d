/** Bytes before the first slot, and before the pixels of each slot. */
const HEADER_BYTES = 4096
const SLOT_HEADER_BYTES = 8192
const PAGE_BYTES = 4096

const MIN_LIVE_SLOTS = 8
const MAX_SLOTS = 64

/** A result finds its frame only if the slot outlives the detection; this much is added for waiting and for the viewer. */
const MARGIN_SECONDS = 0.15

/** What sizes a ring file. */
export interface RingSize {
  readonly slotCount: number
  readonly maxWidth: number
  readonly maxHeight: number
  readonly format: 'I420' | 'RGB3'
}

/** Slots of a live ring, so that at `fps` a detection that takes `detectorP99Ms` still finds its frame. */
export function liveSlotCount(fps: number, detectorP99Ms: number): number {
  const needed = Math.ceil(fps * (detectorP99Ms / 1000 + MARGIN_SECONDS)) + 2
  return Math.min(MAX_SLOTS, Math.max(MIN_LIVE_SLOTS, needed))
}

/** Detector time to size a ring with before a canary has measured it, in milliseconds. */
export function assumedDetectorMs(backend: 'hailo' | 'onnx' | 'hog' | `null:${number}`): number {
  switch (backend) {
    case 'hog':
      return 600
    case 'onnx':
      return 200
    case 'hailo':
      return 100
    default:
      return Number(backend.slice('null:'.length))
  }
}

/** Slots of a lossless ring: two batches in flight, and room for the writer to go on. */
export function losslessSlotCount(maxBatch: number): number {
  return Math.min(MAX_SLOTS, 2 * maxBatch + 4)
}

/** Bytes of one tightly packed frame. */
export function frameBytes({ format, width, height }: { format: 'I420' | 'RGB3'; width: number; height: number }): number {
  return format === 'I420' ? (width * height * 3) / 2 : width * height * 3
}

/** Bytes of the whole file. */
export function ringBytes({ slotCount, maxWidth, maxHeight, format }: RingSize): number {
  const slot = SLOT_HEADER_BYTES + frameBytes({ format, width: maxWidth, height: maxHeight })
  return HEADER_BYTES + slotCount * Math.ceil(slot / PAGE_BYTES) * PAGE_BYTES
}
