import type { Ring } from 'hailort-node/ring'
import { newestPicture } from './newest-picture.ts'

/** An older picture says nothing about now. */
export const FRESH_MS = 5_000
const LATE_RESULT_MS = 1_500

/** Follows one ring while somebody watches: which frame is to be shown next. Time is passed in. */
export class RingWatch {
  readonly #ring: Ring
  #resultHead: number
  #resultMs: number
  #resultPauseMs: number | null = null
  #shown = 0

  constructor(ring: Ring) {
    this.#ring = ring
    this.#resultHead = ring.resultHead
    this.#resultMs = ring.frameInfo(ring.resultHead)?.arrivedMs ?? Number.NEGATIVE_INFINITY
  }

  follows(ring: Ring): boolean {
    return this.#ring === ring
  }

  /** The frame `next` answered last, 0 = none. */
  get shown(): number {
    return this.#shown
  }

  /** A frame that was not shown yet, or null. It counts as shown then. */
  next(nowMs: number): number | null {
    const { head, resultHead } = this.#ring
    if (resultHead > this.#resultHead) this.#sawResult(resultHead, nowMs)
    const seq = newestPicture({
      head,
      resultHead: isFresh(this.#ring, this.#resultHead, nowMs) ? this.#resultHead : 0,
      shown: this.#shown,
      sinceResultMs: nowMs - this.#resultMs,
      resultPauseMs: this.#resultPauseMs,
    })
    if (seq === null || !isFresh(this.#ring, seq, nowMs)) return null
    this.#shown = seq
    return seq
  }

  #sawResult(resultHead: number, nowMs: number): void {
    const pauseMs = nowMs - this.#resultMs
    // A running mean; a long silence is no pause.
    if (pauseMs < FRESH_MS) this.#resultPauseMs = this.#resultPauseMs === null ? pauseMs : 0.8 * this.#resultPauseMs + 0.2 * pauseMs
    this.#resultHead = resultHead
    this.#resultMs = nowMs
  }
}

/** The frame for a single picture: the newest with boxes, unless detection has fallen behind; null when all are old. */
export function snapshotSeq(ring: Ring, nowMs: number): number | null {
  const { head, resultHead } = ring
  const newest = ring.frameInfo(head)
  const detected = ring.frameInfo(resultHead)
  if (detected !== null && isFresh(ring, resultHead, nowMs) && (newest?.arrivedMs ?? 0) - detected.arrivedMs < LATE_RESULT_MS)
    return resultHead
  return isFresh(ring, head, nowMs) ? head : null
}

function isFresh(ring: Ring, seq: number, nowMs: number): boolean {
  const frame = ring.frameInfo(seq)
  return frame !== null && !frame.endOfStream && nowMs - frame.arrivedMs < FRESH_MS
}
