import type { StreamConfig } from '../config/stream-schema.ts'
import type { FrameReport } from '../engine/messages.ts'
import { Stream, type StreamParts } from './stream.ts'

const TICK_MS = 250

/** All streams of the agent, by id, in the order of the configuration. */
export class Streams implements AsyncDisposable {
  readonly #parts: StreamParts
  readonly #streams = new Map<string, Stream>()
  readonly #clock: NodeJS.Timeout

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

  /** Adds a stream and starts it. */
  add(config: StreamConfig): Stream {
    const stream = new Stream(config, this.#parts)
    this.#streams.set(config.id, stream)
    stream.start()
    return stream
  }

  /** Puts a stream with new settings in the place of the old one, which is gone before the new one starts. */
  async replace(config: StreamConfig): Promise<Stream> {
    const old = this.#streams.get(config.id)
    const running = old?.running ?? true
    await old?.[Symbol.asyncDispose]()
    const stream = new Stream(config, this.#parts)
    this.#streams.set(config.id, stream)
    if (running) stream.start()
    return stream
  }

  async remove(id: string): Promise<void> {
    const stream = this.#streams.get(id)
    this.#streams.delete(id)
    await stream?.[Symbol.asyncDispose]()
  }

  /** Hands the engine's reports to their streams; reports of streams that are gone meanwhile are dropped. */
  see(frames: readonly FrameReport[], epoch: number): void {
    for (const frame of frames) this.#streams.get(frame.stream)?.see(frame, epoch)
  }

  engineChanged(): void {
    for (const stream of this.#streams.values()) stream.engineChanged()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#clock)
    await Promise.all(this.all.map((stream) => stream[Symbol.asyncDispose]()))
  }
}
