import { basename } from 'node:path'
import type { NpuFacts, Stage, StageTimes } from '../engine/messages.ts'
import type { Fault } from '../errors.ts'
import type { NpuReport } from '../npu-report.ts'
import type { Attachment, Readiness } from './engine-life.ts'
import { EnginePair, type EnginePairParts } from './engine-pair.ts'
import type { Lost } from './engine-rings.ts'
import type { WatchedStream } from './engine-watch.ts'
import type { Rung } from './health-ladder.ts'

/** An engine process as a person is told of it. */
export interface EngineShown {
  readonly title: string
  readonly pid: number | null
  readonly restarts: number
  readonly uptimeMs: number
}

/** Whoever looks at the streams, as one: what the rest of the agent knows of engines. */
export class Detection implements AsyncDisposable {
  readonly #parts: EnginePairParts
  readonly #pair: EnginePair

  constructor(parts: EnginePairParts) {
    this.#parts = parts
    this.#pair = new EnginePair(parts)
    this.#pair.start()
  }

  /** Null while nobody can infer. */
  get ready(): Readiness | null {
    return this.#pair.serving === null ? null : this.#pair.engine.ready
  }

  /** Why nobody can infer; null: somebody can, or just starts. */
  get fault(): Fault | null {
    return this.#pair.engine.fault
  }

  /** Why nobody can infer now; null: somebody can. */
  get gone(): string | null {
    const { gone } = this.#pair.engine
    return gone === null && this.#pair.serving === null ? 'detection is starting' : gone
  }

  /** The CPU detects because the NPU is down. */
  get cpuFallback(): boolean {
    return this.#pair.serving === 'fallback'
  }

  /** What detects, or should, as a person would name it: the backend, and its model where that is known. */
  get name(): string {
    const { backend, model } = this.#pair.engine.detector
    const file = model ?? (backend === 'hailo' ? (this.npuFacts?.model ?? null) : null)
    return file === null ? backend : `${backend} (${basename(file)})`
  }

  get doorbell(): number {
    return this.#parts.doorbell
  }

  /** Streams may move between the engines with the rings they have: the larger need counts. */
  get maxBatch(): number {
    return Math.max(this.#pair.primary.detector.maxBatch, this.#pair.fallback?.detector.maxBatch ?? 0)
  }

  /** What a frame may take at worst, with either engine. */
  get detectorMs(): number {
    return Math.max(this.#pair.primary.detectorMs, this.#pair.fallback?.detectorMs ?? 0)
  }

  /** Of the configured detector's engine. */
  get restarts(): number {
    return this.#pair.primary.restarts
  }

  /** null: no NPU is meant to detect. */
  get npu(): NpuReport | null {
    return this.#pair.primary.health.npu?.report ?? null
  }

  /** null: no NPU was opened yet. */
  get npuFacts(): NpuFacts | null {
    return this.#pair.primary.health.npu?.facts ?? null
  }

  /** Where on the health ladder the NPU stands; null: it works, or there is none. */
  get rung(): Rung | null {
    return this.#pair.primary.health.npu?.rung ?? null
  }

  /** What the stages of a frame took lately. */
  get stages(): Readonly<Partial<Record<Stage, StageTimes>>> {
    return this.#pair.engine.health.stages
  }

  /** Every engine there may be, also one that does not run now. */
  get processes(): readonly EngineShown[] {
    return this.#pair.both.map(({ detector, pid, restarts, uptimeMs }) => ({
      title: `headcount: engine ${detector.backend}`,
      pid,
      restarts,
      uptimeMs,
    }))
  }

  /** Frames of a stream that the engine never saw, and results that came after their slot was overwritten. */
  lost(stream: string): Lost {
    return this.#pair.engine.lost(stream)
  }

  /** A ring to look at; brings detection back when it was paused. */
  attach(attachment: Attachment): void {
    this.#pair.primary.attach(attachment)
    this.#pair.fallback?.attach(attachment)
    this.#pair.start()
  }

  detach(stream: string): void {
    this.#pair.primary.detach(stream)
    this.#pair.fallback?.detach(stream)
  }

  /** Ends an engine that gives no results although frames come; a new one is started. */
  watch(streams: readonly WatchedStream[]): void {
    this.#pair.engine.watch(streams)
  }

  /** Ends the engines until a ring is attached again, and waits until their processes are gone. */
  async pause(): Promise<void> {
    await this.#pair.pause()
  }

  /** Ends the engines and waits until their processes are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pair[Symbol.asyncDispose]()
  }
}
