import type { ServerResponse } from 'node:http'
import { availableParallelism } from 'node:os'
import { JpegEncoder } from 'hailort-node/pixels'
import { type Doorbells, type DoorbellWaiter, type Ring, waitOnDoorbell } from 'hailort-node/ring'
import { AgentError } from '../errors.ts'
import { unknownStream } from './agent-view.ts'
import { Viewer } from './mjpeg.ts'
import type { FrameCounters, PictureWish } from './picture-variant.ts'
import { StreamVideo } from './stream-video.ts'

export interface LiveVideoOptions {
  /** The ring of a stream now; undefined when there is no such stream. */
  readonly ring: (stream: string) => Ring | null | undefined
  readonly doorbells: Doorbells
  /** The doorbell that engines ring for viewers: index of results in the header of every ring. */
  readonly doorbell: number
  readonly maxViewers: number
  /** 1–100 */
  readonly jpegQuality: number
  /** Told of a failure that nobody foresaw. */
  readonly onBug: (error: unknown) => void
}

/** What the live picture of one stream costs. */
export interface VideoCounters extends Readonly<FrameCounters> {
  readonly viewers: number
}

/** While somebody watches: frames without results have no doorbell, and stuck viewers make no noise. */
const LOOK_MS = 100

/** The live pictures of all streams. Without a viewer nothing waits, nothing wakes and nothing is encoded. */
export class LiveVideo implements Disposable {
  readonly #options: LiveVideoOptions
  readonly #streams = new Map<string, StreamVideo>()
  #encoder: JpegEncoder | null = null
  #waiter: DoorbellWaiter | null = null
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(options: LiveVideoOptions) {
    this.#options = options
  }

  /** Turns a response into the live picture of a stream. Throws TOO_MANY_VIEWERS, CONFLICT, NOT_FOUND. */
  watch(
    id: string,
    wish: PictureWish & { readonly fps: number | null },
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
  ): void {
    const { maxViewers } = this.#options
    if (this.viewers >= maxViewers) {
      throw new AgentError('TOO_MANY_VIEWERS', `All ${maxViewers} places for viewers are taken.`, {
        remedy: 'Close another live picture, take single pictures from snapshot.jpg, or raise http.maxViewers.',
      })
    }
    const stream = this.#stream(id)
    stream.check(wish)
    const viewer = Viewer.open(response, headers, wish.fps)
    if (viewer === null) return
    stream.add(viewer, wish)
    viewer.onGone(() => this.#rest())
    this.#wake()
  }

  /** One JPEG of the newest frame. Throws NO_PICTURE, NOT_FOUND. */
  async snapshot(id: string, wish: PictureWish): Promise<Buffer> {
    return this.#stream(id).snapshot(wish)
  }

  get viewers(): number {
    let count = 0
    for (const stream of this.#streams.values()) count += stream.viewers
    return count
  }

  counters(id: string): VideoCounters {
    const stream = this.#streams.get(id)
    return { viewers: stream?.viewers ?? 0, ...(stream?.counters ?? { encodes: 0, framesSent: 0, framesSkipped: 0 }) }
  }

  /** Ends every viewer's connection. */
  [Symbol.dispose](): void {
    this.#closed = true
    for (const stream of this.#streams.values()) stream.closeAll()
    this.#rest()
    this.#encoder?.close()
  }

  #stream(id: string): StreamVideo {
    if (this.#options.ring(id) === undefined) throw unknownStream(id)
    const known = this.#streams.get(id)
    if (known !== undefined) return known
    const stream = new StreamVideo(id, {
      ring: () => this.#options.ring(id) ?? null,
      onBug: this.#options.onBug,
      encode: async (ring, seq, wish) => {
        if (this.#closed) return null
        this.#encoder ??= new JpegEncoder(availableParallelism() > 2 ? 2 : 1)
        return this.#encoder.encode(ring.handle, seq, { ...wish, quality: this.#options.jpegQuality })
      },
    })
    this.#streams.set(id, stream)
    return stream
  }

  #wake(): void {
    this.#waiter ??= waitOnDoorbell(this.#options.doorbells, this.#options.doorbell, () => this.#advance())
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS)
  }

  #rest(): void {
    if (!this.#closed && this.viewers > 0) return
    this.#waiter?.stop()
    this.#waiter = null
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #advance(): void {
    for (const stream of this.#streams.values()) stream.advance()
  }

  #look(): void {
    for (const [id, stream] of this.#streams) {
      if (this.#options.ring(id) === undefined) {
        stream.closeAll()
        this.#streams.delete(id)
      } else stream.closeStuck()
    }
    this.#advance()
  }
}
