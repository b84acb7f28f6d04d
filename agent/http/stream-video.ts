import type { EncodedFrame } from 'hailort-node/pixels'
import type { Ring } from 'hailort-node/ring'
import { AgentError } from '../errors.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import { multipartFrame, type Viewer } from './mjpeg.ts'
import { newestPicture } from './newest-picture.ts'

/** What a viewer wants to see. */
export interface PictureWish {
  readonly overlay: boolean
  /** In pixels; null = as it lies in the ring. */
  readonly width: number | null
}

/** One kind of picture that somebody watches: encoded once, whoever many watch it. */
interface Variant {
  readonly wish: PictureWish
  readonly viewers: Set<Viewer>
  wanted: number
  encoding: boolean
  /** For a viewer who comes between two frames. */
  latest: { readonly frame: Buffer; readonly atMs: number } | null
}

/** What was seen of a ring while somebody watched. */
interface Seen {
  readonly ring: Ring
  resultHead: number
  resultMs: number
  resultPauseMs: number | null
  /** The frame shown last, 0 = none. */
  shown: number
}

const MOST_WIDTHS = 3
/** An older picture says nothing about now. */
const FRESH_MS = 5_000
const LATE_RESULT_MS = 1_500
const STUCK_MS = 30_000
const SNAPSHOT_TRIES = 4

/** Live picture of one stream. Wakes nothing by itself: `advance` is called when there may be a new frame, and does nothing without a viewer. */
export class StreamVideo {
  readonly #id: string
  readonly #ring: () => Ring | null
  readonly #encode: (ring: Ring, seq: number, wish: PictureWish) => Promise<EncodedFrame | null>
  readonly #variants = new Map<string, Variant>()
  readonly #snapshots = new Map<string, Promise<EncodedFrame | null>>()
  #seen: Seen | null = null
  #framesSkipped = 0
  #framesSent = 0
  #encodes = 0

  constructor(
    id: string,
    ring: () => Ring | null,
    encode: (ring: Ring, seq: number, options: PictureWish) => Promise<EncodedFrame | null>,
  ) {
    this.#id = id
    this.#ring = ring
    this.#encode = encode
  }

  get viewers(): number {
    let count = 0
    for (const { viewers } of this.#variants.values()) count += viewers.size
    return count
  }

  /** Counted since start. */
  get counters(): { readonly encodes: number; readonly framesSent: number; readonly framesSkipped: number } {
    return { encodes: this.#encodes, framesSent: this.#framesSent, framesSkipped: this.#framesSkipped }
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
    if (this.#variants.size === 0) this.#seen = null
    const variant = this.#variants.get(key) ?? { wish, viewers: new Set(), wanted: 0, encoding: false, latest: null }
    this.#variants.set(key, variant)
    variant.viewers.add(viewer)
    const nowMs = monotonicMs()
    if (variant.latest !== null && nowMs - variant.latest.atMs < FRESH_MS && viewer.takesTurn(nowMs))
      this.#send(viewer, variant.latest.frame)
    else this.#showAgain(variant)
    viewer.onGone(() => {
      variant.viewers.delete(viewer)
      if (variant.viewers.size === 0 && this.#variants.get(key) === variant) this.#variants.delete(key)
    })
    this.advance()
  }

  // What others see already, for the first viewer of another kind of picture: a slow camera would keep him waiting.
  #showAgain(variant: Variant): void {
    if (variant.encoding || this.#seen === null || this.#seen.shown === 0) return
    variant.wanted = this.#seen.shown
    void this.#show(variant)
  }

  /** Shows what is new to those who watch. */
  advance(): void {
    if (this.#variants.size === 0) return
    const ring = this.#ring()
    if (ring === null) return
    const nowMs = monotonicMs()
    const seen = this.#look(ring, nowMs)
    const seq = newestPicture({
      head: ring.head,
      resultHead: isFresh(ring, seen.resultHead, nowMs) ? seen.resultHead : 0,
      shown: seen.shown,
      sinceResultMs: nowMs - seen.resultMs,
      resultPauseMs: seen.resultPauseMs,
    })
    if (seq === null || !isFresh(ring, seq, nowMs)) return
    seen.shown = seq
    for (const variant of this.#variants.values()) {
      variant.wanted = seq
      if (!variant.encoding) void this.#show(variant)
    }
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
      const ring = this.#ring()
      if (ring === null) break
      const nowMs = monotonicMs()
      const seq = snapshotSeq(ring, nowMs)
      if (seq === null) break
      const key = `${seq}:${keyOf(wish)}`
      const picture = this.#snapshots.get(key) ?? this.#encodeCounted(ring, seq, wish).finally(() => this.#snapshots.delete(key))
      this.#snapshots.set(key, picture)
      const frame = await picture
      if (frame !== null) return frame.jpeg
    }
    throw new AgentError('NO_PICTURE', `${this.#id} has no picture at the moment.`, {
      remedy: `Ask again in some seconds; GET /api/streams/${this.#id} says whether the stream is online, and why not.`,
    })
  }

  #look(ring: Ring, nowMs: number): Seen {
    const { resultHead } = ring
    if (this.#seen?.ring !== ring) {
      const resultMs = ring.frameInfo(resultHead)?.arrivedMs ?? Number.NEGATIVE_INFINITY
      this.#seen = { ring, resultHead, resultMs, resultPauseMs: null, shown: 0 }
    } else if (resultHead > this.#seen.resultHead) {
      this.#seen.resultPauseMs = usualPauseMs(this.#seen, nowMs)
      this.#seen.resultHead = resultHead
      this.#seen.resultMs = nowMs
    }
    return this.#seen
  }

  // The newest frame wins: what came in while one was encoded is shown next, and only the last of it.
  async #show(variant: Variant): Promise<void> {
    variant.encoding = true
    try {
      for (let done = 0; done < variant.wanted; ) {
        done = variant.wanted
        const takers = this.#takers(variant)
        const ring = this.#ring()
        if (takers.length === 0 || ring === null) continue
        const picture = await this.#encodeCounted(ring, done, variant.wish)
        if (picture === null) continue
        const frame = multipartFrame(picture.jpeg, picture.info.seq)
        variant.latest = { frame, atMs: monotonicMs() }
        for (const viewer of takers) this.#send(viewer, frame)
      }
    } finally {
      variant.encoding = false
    }
  }

  #takers(variant: Variant): readonly Viewer[] {
    const nowMs = monotonicMs()
    const due = [...variant.viewers].filter((viewer) => viewer.takesTurn(nowMs))
    return due.filter((viewer) => {
      if (viewer.ready) return true
      viewer.skip()
      this.#framesSkipped += 1
      return false
    })
  }

  #send(viewer: Viewer, frame: Buffer): void {
    viewer.send(frame)
    this.#framesSent += 1
  }

  async #encodeCounted(ring: Ring, seq: number, wish: PictureWish): Promise<EncodedFrame | null> {
    this.#encodes += 1
    return this.#encode(ring, seq, wish)
  }
}

function keyOf({ overlay, width }: PictureWish): string {
  return `${overlay ? 'boxes' : 'plain'}:${width ?? 'full'}`
}

// A running mean, from the second result on.
function usualPauseMs({ resultMs, resultPauseMs }: Seen, nowMs: number): number | null {
  const pauseMs = nowMs - resultMs
  if (pauseMs > FRESH_MS) return resultPauseMs
  return resultPauseMs === null ? pauseMs : 0.8 * resultPauseMs + 0.2 * pauseMs
}

// The frame with boxes, unless detection has fallen behind: then the newest without.
function snapshotSeq(ring: Ring, nowMs: number): number | null {
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
