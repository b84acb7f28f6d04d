import { native } from './hailort-addon.ts'
import { streamInOrder } from './hailort-stream.ts'
import type { InferredFrame, InputFrame, ModelCounters, Stream } from './inference.ts'

/** What the addon's configure() answers. */
export interface NativeModel {
  readonly input: Stream
  readonly outputs: readonly Stream[]
  infer(frames: readonly InputFrame[]): Promise<(InferredFrame | null)[]>
  counters(): ModelCounters
  close(): Promise<void>
}

export interface StreamOptions {
  /** Batches under way at a time; 2 keep the chip busy between them. */
  readonly inFlight?: number
}

/**
 * A network configured on an NPU, with threads of its own that write and read. The first failure is the end of it: every `infer` under
 * way and every later one rejects with that one HailoError, and the device has to be opened again. To be closed; one that nobody holds
 * any more is closed by itself.
 */
export class Model implements AsyncDisposable {
  /** NHWC, 3 channels: RGB, one byte each. */
  readonly input: Stream
  /** In an order of HailoRT's choice: find them by name. */
  readonly outputs: readonly Stream[]
  readonly #native: NativeModel

  constructor(model: NativeModel) {
    this.#native = model
    this.input = model.input
    this.outputs = model.outputs
  }

  /**
   * One answer a frame, in order; null for a frame of a ring that was overwritten before it was copied. Several calls may be under way:
   * they are answered in order, and the chip works on one while the next ones wait, 64 frames at most (more: RangeError). Rejects with a
   * HailoError: HAILO_TIMEOUT and other statuses, OUTPUT_CORRUPT, CLOSED.
   */
  infer(frames: readonly InputFrame[]): Promise<(InferredFrame | null)[]> {
    return native(() => this.#native.infer(frames))
  }

  /**
   * The answers of all batches of `source`, in order. No more than `inFlight` batches are taken ahead of whoever reads; when he stops
   * reading, the source is told, and what is under way is forgotten.
   */
  stream(
    source: AsyncIterable<readonly InputFrame[]>,
    { inFlight = 2 }: StreamOptions = {},
  ): AsyncGenerator<(InferredFrame | null)[], void, undefined> {
    return streamInOrder(source, (frames) => this.infer(frames), inFlight)
  }

  /** Sums since the model was configured; after `close()` those at that moment. */
  counters(): ModelCounters {
    return this.#native.counters()
  }

  /**
   * Rejects what is under way with CLOSED at once; resolves when the library has let go, which can take 10 s × `queueSize` with a silent
   * chip: bound your wait. May be called twice.
   */
  close(): Promise<void> {
    return native(() => this.#native.close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
