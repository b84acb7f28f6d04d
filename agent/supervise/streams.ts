import type { StreamConfig } from '../config/stream-schema.ts'
import type { FrameReport } from '../engine/messages.ts'
import { Stream, type StreamParts } from './stream.ts'

const TICK_MS = 250

/** A stream makes place for one with new settings. */
interface Replacement {
  /** Whether the new one is to run: the last order counts. */
  running: boolean
  /** The new one is there, and started if it is to run. */
  readonly done: Promise<Stream>
}

/** All streams of the agent, by id, in the order of the configuration. Orders for one that is being replaced are for the new one. */
export class Streams implements AsyncDisposable {
  readonly #parts: StreamParts
  readonly #streams = new Map<string, Stream>()
  readonly #replacements = new Map<string, Replacement>()
  readonly #clock: NodeJS.Timeout
  /** Orders to stop are numbered, for `stoppedSince`. */
  #stops = 0
  readonly #stopped = new Map<string, number>()
  #allStopped = 0
  #closed = false

  /** `onTick` is called after all streams have heard of the time. */
  constructor(parts: StreamParts, onTick: () => void) {
    this.#parts = parts
    this.#clock = setInterval(() => {
      for (const stream of this.#streams.values()) stream.tick()
      onTick()
    }, TICK_MS)
  }

  get all(): readonly Stream[] {
    return [...this.#streams.values()]
  }

  get(id: string): Stream | undefined {
    return this.#streams.get(id)
  }

  /** A mark of this moment, for `stoppedSince`. */
  get mark(): number {
    return this.#stops
  }

  /** Whether a stream, or all, were told to stop after that mark: whoever was asked before must not start it any more. */
  stoppedSince(mark: number, id: string): boolean {
    return Math.max(this.#allStopped, this.#stopped.get(id) ?? 0) > mark
  }

  /** Adds a stream and, unless told otherwise, starts it. */
  add(config: StreamConfig, { running = true }: { running?: boolean } = {}): Stream {
    const stream = new Stream(config, this.#parts)
    this.#streams.set(config.id, stream)
    if (running && !this.#closed) stream.start()
    return stream
  }

  /** Starts a stream; nothing happens when it runs. */
  async start(id: string): Promise<void> {
    const replaced = this.#leaveToReplacement(id, true)
    if (replaced) await replaced
    else this.#streams.get(id)?.start()
  }

  /** Stops a stream and waits until its capture is gone. */
  async stop(id: string): Promise<void> {
    this.#stopped.set(id, ++this.#stops)
    await this.#halt(id)
  }

  /** Stops a stream and starts it again; waits until the old capture is gone. */
  async restart(id: string): Promise<void> {
    await (this.#leaveToReplacement(id, true) ?? this.#streams.get(id)?.restart())
  }

  /** Stops every stream and waits until all captures are gone. */
  async stopAll(): Promise<void> {
    this.#allStopped = ++this.#stops
    await Promise.all([...this.#streams.keys()].map((id) => this.#halt(id)))
  }

  /** Puts a stream with new settings in the place of the old one, which is gone before the new one starts. */
  async replace(config: StreamConfig): Promise<Stream> {
    const { id } = config
    const old = this.#streams.get(id)
    const running = old?.running ?? true
    const gone = old?.[Symbol.asyncDispose]() ?? Promise.resolve()
    const replacement: Replacement = {
      running,
      done: gone.then(() => {
        this.#replacements.delete(id)
        return this.add(config, { running: replacement.running })
      }),
    }
    this.#replacements.set(id, replacement)
    return replacement.done
  }

  async remove(id: string): Promise<void> {
    const stream = this.#streams.get(id)
    this.#streams.delete(id)
    this.#stopped.delete(id)
    await stream?.[Symbol.asyncDispose]()
  }

  /** Hands the engine's reports to their streams; reports of streams that are gone meanwhile are dropped. */
  see(frames: readonly FrameReport[], epoch: number): void {
    for (const frame of frames) this.#streams.get(frame.stream)?.see(frame, epoch)
  }

  engineChanged(): void {
    for (const stream of this.#streams.values()) stream.engineChanged()
  }

  async #halt(id: string): Promise<void> {
    await (this.#leaveToReplacement(id, false) ?? this.#streams.get(id)?.stop())
  }

  /** Leaves an order to a replacement that is under way, and tells when that is done; null: none is, the stream itself is to obey. */
  #leaveToReplacement(id: string, running: boolean): Promise<unknown> | null {
    const replacement = this.#replacements.get(id)
    if (!replacement) return null
    replacement.running = running
    return replacement.done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#clock)
    this.#closed = true
    await Promise.all(this.all.map((stream) => stream[Symbol.asyncDispose]()))
  }
}
