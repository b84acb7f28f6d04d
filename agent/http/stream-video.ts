import type { EncodedFrame } from 'hailort-node/pixels'
import type { Ring } from 'hailort-node/ring'
import { AgentError } from '../errors.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import type { Viewer } from './mjpeg.ts'
import { type FrameCounters, PictureVariant, type PictureWish } from './picture-variant.ts'
import { RingWatch, snapshotSeq } from './ring-watch.ts'

const MOST_WIDTHS = 3
const STUCK_MS = 30_000
const SNAPSHOT_TRIES = 4

/** What a stream's live picture needs from outside. */
export interface PictureSource {
  /** The stream's ring now: a change of geometry makes a new one. */
  readonly ring: () => Ring | null
  readonly encode: (ring: Ring, seq: number, wish: PictureWish) => Promise<EncodedFrame | null>
  readonly onBug: (error: unknown) => void
}

/** Live picture of one stream. Wakes nothing by itself: `advance` is called when there may be a new frame, and does nothing without a viewer. */
export class StreamVideo {
  readonly #id: string
  readonly #source: PictureSource
  readonly #variants = new Map<string, PictureVariant>()
  readonly #snapshots = new Map<string, Promise<EncodedFrame | null>>()
  readonly #counters: FrameCounters = { encodes: 0, framesSent: 0, framesSkipped: 0 }
  #watch: RingWatch | null = null

  constructor(id: string, source: PictureSource) {
    this.#id = id
    this.#source = source
  }

  get viewers(): number {
    let count = 0
    for (const { viewers } of this.#variants.values()) count += viewers.size
    return count
  }

  get counters(): Readonly<FrameCounters> {
    return this.#counters
  }

  /** Throws CONFLICT when this would be a fourth width at once. */
  check(wish: PictureWish): void {
    const widths = new Set([...this.#variants.values()].map((variant) => variant.wish.width).filter((width) => width !== null))
    if (wish.width === null || widths.has(wish.width) || widths.size < MOST_WIDTHS) return
    throw new AgentError('CONFLICT', `${this.#id} is watched in ${MOST_WIDTHS} widths already.`, {
      remedy: `Take ?width=${[...widths].join(', ?width= or ')}, or no width at all.`,
    })
  }

  add(viewer: Viewer, wish: PictureWish): void {
    const key = keyOf(wish)
    // What was seen before the first viewer came is long past.
    if (this.#variants.size === 0) this.#watch = null
    const encode = (seq: number) => this.#encodeNow(seq, wish)
    const variant = this.#variants.get(key) ?? new PictureVariant(wish, { encode, counters: this.#counters, onBug: this.#source.onBug })
    this.#variants.set(key, variant)
    viewer.onGone(() => {
      variant.viewers.delete(viewer)
      if (variant.viewers.size === 0 && this.#variants.get(key) === variant) this.#variants.delete(key)
    })
    variant.add(viewer, this.#watch?.shown ?? 0)
    this.advance()
  }

  /** Shows what is new to those who watch. */
  advance(): void {
    if (this.#variants.size === 0) return
    const ring = this.#source.ring()
    if (ring === null) return
    if (this.#watch?.follows(ring) !== true) this.#watch = new RingWatch(ring)
    const seq = this.#watch.next(monotonicMs())
    if (seq === null) return
    for (const variant of this.#variants.values()) variant.show(seq)
  }

  /** Closes viewers that no longer take anything. */
  closeStuck(): void {
    const nowMs = monotonicMs()
    for (const { viewers } of this.#variants.values()) {
      for (const viewer of viewers) if (viewer.blockedMs(nowMs) > STUCK_MS) viewer.close()
    }
  }

  closeAll(): void {
    for (const { viewers } of this.#variants.values()) for (const viewer of viewers) viewer.close()
  }

  /** The newest picture, with boxes when its result is there. Throws NO_PICTURE. */
  async snapshot(wish: PictureWish): Promise<Buffer> {
    for (let tries = 0; tries < SNAPSHOT_TRIES; tries += 1) {
      const ring = this.#source.ring()
      const seq = ring === null ? null : snapshotSeq(ring, monotonicMs())
      if (seq === null) break
      // Those who ask for the same picture at the same time share it.
      const key = `${seq}:${keyOf(wish)}`
      const picture = this.#snapshots.get(key) ?? this.#encodeNow(seq, wish).finally(() => this.#snapshots.delete(key))
      this.#snapshots.set(key, picture)
      const frame = await picture
      if (frame !== null) return frame.jpeg
    }
    throw new AgentError('NO_PICTURE', `${this.#id} has no picture at the moment.`, {
      remedy: `Ask again in some seconds; GET /api/streams/${this.#id} says whether the stream is online, and why not.`,
    })
  }

  async #encodeNow(seq: number, wish: PictureWish): Promise<EncodedFrame | null> {
    const ring = this.#source.ring()
    if (ring === null) return null
    this.#counters.encodes += 1
    return this.#source.encode(ring, seq, wish)
  }
}

function keyOf({ overlay, width }: PictureWish): string {
  return `${overlay ? 'boxes' : 'plain'}:${width ?? 'full'}`
}
