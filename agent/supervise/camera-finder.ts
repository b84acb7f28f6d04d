import { setTimeout as sleep } from 'node:timers/promises'
import { type DefaultStream, type FoundCameras, lacksCamera } from '../config/default-streams.ts'
import type { StreamConfig } from '../config/stream-schema.ts'
import type { Log } from '../log.ts'

/** What the finder needs of the list of streams. */
export interface UnconfiguredStream {
  /** The stream that runs because none is configured; null: there is none, and never will be again. */
  readonly unconfigured: DefaultStream | null
  /** Lets it take the camera that is there now, bounded in time; null: it stays as it is. */
  follow(found: FoundCameras): Promise<{ readonly config: StreamConfig } | null>
}

export interface CameraFinderOptions {
  readonly streams: UnconfiguredStream
  /** Looks for cameras without opening one. */
  readonly find: () => Promise<FoundCameras>
  readonly log: Log
  readonly everyMs?: number
}

const EVERY_MS = 10_000
/** A camera that comes and goes without ever giving a picture is followed ever more slowly: 32 times, five minutes. */
const MOST_DOUBLINGS = 5
/** A camera may be taken only after a change before it that a card does not let end. */
const CLOSE_LIMIT_MS = 3_000

/**
 * Looks for a camera as long as the stream that nobody configured has none, so that one that is plugged in later, is found late at boot or
 * comes back under another number is taken without a restart. It ends by itself once somebody configures streams.
 */
export class CameraFinder implements AsyncDisposable {
  readonly #options: CameraFinderOptions
  #timer: NodeJS.Timeout | undefined
  /** Cameras taken in a row that gave no picture. */
  #fruitless = 0
  #closed = false
  #following: Promise<unknown> = Promise.resolve()

  constructor(options: CameraFinderOptions) {
    this.#options = options
    this.#rest()
  }

  #rest(): void {
    const { streams, everyMs = EVERY_MS } = this.#options
    if (this.#closed || streams.unconfigured === null) return
    this.#timer = setTimeout(() => void this.#look(), everyMs * 2 ** Math.min(this.#fruitless, MOST_DOUBLINGS)).unref()
  }

  async #look(): Promise<void> {
    const { streams, find } = this.#options
    const stream = streams.unconfigured
    if (stream !== null && stream.status !== 'offline') this.#fruitless = 0
    if (stream !== null && lacksCamera(stream)) {
      const found = await find()
      if (!this.#closed) await this.#follow(found)
    }
    this.#rest()
  }

  async #follow(found: FoundCameras): Promise<void> {
    const { streams, log } = this.#options
    const following = streams.follow(found)
    this.#following = following
    const taken = await following
    if (taken === null) return
    this.#fruitless++
    log.info(`Stream ${taken.config.id}: ${taken.config.source} is there now and is taken`)
  }

  /** Looks no more, and waits a moment until a camera that is just being taken is. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const over = new AbortController()
    const limit = sleep(CLOSE_LIMIT_MS, undefined, { signal: over.signal }).catch(() => undefined) // It was in time.
    await Promise.race([this.#following, limit])
    over.abort()
  }
}
