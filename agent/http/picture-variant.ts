import type { EncodedFrame } from 'hailort-node/pixels'
import { monotonicMs } from '../ring/monotonic.ts'
import { multipartFrame, type Viewer } from './mjpeg.ts'
import { FRESH_MS } from './ring-watch.ts'

/** What a viewer wants to see. */
export interface PictureWish {
  readonly overlay: boolean
  /** In pixels; null = as it lies in the ring. */
  readonly width: number | null
}

/** Counted since start, for all who watch one stream. */
export interface FrameCounters {
  encodes: number
  framesSent: number
  framesSkipped: number
}

export interface PictureVariantParts {
  /** Makes the picture of a frame; null when the frame is gone. */
  readonly encode: (seq: number) => Promise<EncodedFrame | null>
  readonly counters: FrameCounters
  /** Told once of an encode that failed. */
  readonly onBug: (error: unknown) => void
}

/** One kind of picture that somebody watches: encoded once, however many watch it. */
export class PictureVariant {
  readonly wish: PictureWish
  readonly viewers = new Set<Viewer>()
  readonly #parts: PictureVariantParts
  #failed = false
  #wanted = 0
  #encoding = false
  /** For a viewer who comes between two frames. */
  #latest: { readonly frame: Buffer; readonly atMs: number } | null = null

  constructor(wish: PictureWish, parts: PictureVariantParts) {
    this.wish = wish
    this.#parts = parts
  }

  /** Adds a viewer, with the picture the others see: a slow camera would keep him waiting. `shown` is its frame, 0 = none. */
  add(viewer: Viewer, shown: number): void {
    this.viewers.add(viewer)
    const nowMs = monotonicMs()
    if (this.#latest !== null && nowMs - this.#latest.atMs < FRESH_MS) {
      if (viewer.takesTurn(nowMs)) this.#send(viewer, this.#latest.frame)
    } else if (shown > 0) this.show(shown)
  }

  /** Shows frame `seq`. The newest wins: what comes in while one is encoded is shown next, and only the last of it. */
  show(seq: number): void {
    this.#wanted = seq
    if (!this.#encoding) void this.#work()
  }

  async #work(): Promise<void> {
    this.#encoding = true
    try {
      for (let done = 0; done < this.#wanted; ) {
        done = this.#wanted
        const takers = this.#takers()
        if (takers.length === 0) continue
        const picture = await this.#encode(done)
        if (picture === null) continue
        const frame = multipartFrame(picture.jpeg, picture.info.seq)
        this.#latest = { frame, atMs: monotonicMs() }
        for (const viewer of takers) this.#send(viewer, frame)
      }
    } finally {
      this.#encoding = false
    }
  }

  /** A frame that cannot be encoded is skipped: the next one may be better, and counting goes on in any case. */
  async #encode(seq: number): Promise<EncodedFrame | null> {
    try {
      return await this.#parts.encode(seq)
    } catch (error) {
      if (!this.#failed) this.#parts.onBug(error)
      this.#failed = true
      return null
    }
  }

  // Those who are due and have taken the frame before; the others skip this one.
  #takers(): readonly Viewer[] {
    const nowMs = monotonicMs()
    const due = [...this.viewers].filter((viewer) => viewer.takesTurn(nowMs))
    const takers = due.filter((viewer) => viewer.ready)
    this.#parts.counters.framesSkipped += due.length - takers.length
    return takers
  }

  #send(viewer: Viewer, frame: Buffer): void {
    if (viewer.send(frame)) this.#parts.counters.framesSent += 1
  }
}
