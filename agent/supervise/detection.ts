import type { DetectorOrder, NpuFacts, Stage, StageTimes } from '../engine/messages.ts'
import type { Fault } from '../errors.ts'
import type { NpuReport } from '../npu-report.ts'
import type { Attachment, Readiness } from './engine-life.ts'
import type { Lost } from './engine-rings.ts'
import { type EngineSupervision, EngineSupervisor } from './engine-supervisor.ts'
import type { WatchedStream } from './engine-watch.ts'
import { type Move, nextMove } from './fallback-move.ts'
import { isLasting, type Rung } from './health-ladder.ts'

export interface DetectionParts extends Omit<EngineSupervision, 'nextEpoch'> {
  /** What stands in for an NPU that is down; null: nothing does. */
  readonly fallback: DetectorOrder | null
  /** How long something may be wrong with the NPU before that. */
  readonly fallbackAfterMs?: number
}

/** An engine process as a person is told of it. */
export interface EngineShown {
  readonly title: string
  readonly pid: number | null
  readonly restarts: number
  readonly uptimeMs: number
}

/** Opening the device again takes 1–2 s, a new process as long: what takes longer is worth the flicker of two moves. */
const FALLBACK_AFTER_MS = 3_000

/**
 * Whoever looks at the streams: the engine of the configured detector and, where that is wanted, one on the CPU while the NPU is down. A
 * ring is never given to both; one engine's process has ended, or never had it, before the other gets it.
 */
export class Detection implements AsyncDisposable {
  readonly #parts: DetectionParts
  readonly #primary: EngineSupervisor
  readonly #fallback: EngineSupervisor | null
  #serving: 'primary' | 'fallback' | null = null
  /** Since when something is wrong with the primary engine. */
  #wrongSinceMs: number | null = null
  #epochs = 0
  #stopped = false
  /** Counts pauses: a move that was under way then is not finished. */
  #turn = 0
  #moving: Promise<void> | null = null
  #look: NodeJS.Timeout | undefined

  constructor(parts: DetectionParts) {
    this.#parts = parts
    this.#primary = this.#supervise('primary', parts.detector)
    this.#fallback = parts.fallback && this.#supervise('fallback', parts.fallback)
    this.#primary.start()
    this.#steer()
  }

  #supervise(who: 'primary' | 'fallback', detector: DetectorOrder): EngineSupervisor {
    return new EngineSupervisor({
      ...this.#parts,
      detector,
      nextEpoch: () => ++this.#epochs,
      // What an engine still says of rings that it has lost.
      onFrames: (frames, epoch) => {
        if (this.#serving === who) this.#parts.onFrames(frames, epoch)
      },
      onEnded: (stream) => {
        if (this.#serving === who) this.#parts.onEnded(stream)
      },
      onChange: () => {
        this.#steer()
        this.#parts.onChange()
      },
    })
  }

  /** Whoever has the rings, else the engine that should have them. */
  get #engine(): EngineSupervisor {
    return this.#serving === 'fallback' && this.#fallback ? this.#fallback : this.#primary
  }

  /** Null while nobody can infer. */
  get ready(): Readiness | null {
    return this.#serving === null ? null : this.#engine.ready
  }

  /** Why nobody can infer; null: somebody can, or just starts. */
  get fault(): Fault | null {
    return this.#engine.fault
  }

  /** Why nobody can infer now; null: somebody can. */
  get gone(): string | null {
    const { gone } = this.#engine
    return gone === null && this.#serving === null ? 'detection is starting' : gone
  }

  /** The CPU detects because the NPU is down. */
  get cpuFallback(): boolean {
    return this.#serving === 'fallback'
  }

  get doorbell(): number {
    return this.#parts.doorbell
  }

  /** Streams may move between the engines with the rings they have: the larger need counts. */
  get maxBatch(): number {
    return Math.max(this.#primary.detector.maxBatch, this.#fallback?.detector.maxBatch ?? 0)
  }

  /** What a frame may take at worst, with either engine. */
  get detectorMs(): number {
    return Math.max(this.#primary.detectorMs, this.#fallback?.detectorMs ?? 0)
  }

  get pid(): number | null {
    return this.#engine.pid
  }

  /** Which life of an engine this is; counted over both. */
  get epoch(): number {
    return this.#engine.epoch
  }

  /** Of the configured detector's engine. */
  get restarts(): number {
    return this.#primary.restarts
  }

  get uptimeMs(): number {
    return this.#engine.uptimeMs
  }

  /** null: no NPU is meant to detect. */
  get npu(): NpuReport | null {
    return this.#primary.health.npu?.report ?? null
  }

  /** null: no NPU was opened yet. */
  get npuFacts(): NpuFacts | null {
    return this.#primary.health.npu?.facts ?? null
  }

  /** Where on the health ladder the NPU stands; null: it works, or there is none. */
  get rung(): Rung | null {
    return this.#primary.health.npu?.rung ?? null
  }

  /** What the stages of a frame took lately. */
  get stages(): Readonly<Partial<Record<Stage, StageTimes>>> {
    return this.#engine.health.stages
  }

  /** Every engine there may be, also one that does not run now. */
  get processes(): readonly EngineShown[] {
    return this.#engines.map(({ detector, pid, restarts, uptimeMs }) => ({
      title: `headcount: engine ${detector.backend}`,
      pid,
      restarts,
      uptimeMs,
    }))
  }

  get #engines(): readonly EngineSupervisor[] {
    return this.#fallback ? [this.#primary, this.#fallback] : [this.#primary]
  }

  /** Frames of a stream that the engine never saw, and results that came after their slot was overwritten. */
  lost(stream: string): Lost {
    return this.#engine.lost(stream)
  }

  /** A ring to look at; brings detection back when it was paused. */
  attach(attachment: Attachment): void {
    this.#primary.attach(attachment)
    this.#fallback?.attach(attachment)
    this.#stopped = false
    this.#primary.start()
    this.#steer()
  }

  detach(stream: string): void {
    this.#primary.detach(stream)
    this.#fallback?.detach(stream)
  }

  /** Ends an engine that gives no results although frames come; a new one is started. */
  watch(streams: readonly WatchedStream[]): void {
    this.#engine.watch(streams)
  }

  /** Ends the engines until a ring is attached again, and waits until their processes are gone. */
  async pause(): Promise<void> {
    this.#stopped = true
    this.#turn++
    this.#serving = null
    this.#wrongSinceMs = null
    clearTimeout(this.#look)
    await Promise.all([...this.#engines.map((engine) => engine.pause()), this.#moving])
  }

  /** Ends the engines and waits until their processes are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause()
  }

  /** Does what is to be done now; called whenever something has changed. */
  #steer(): void {
    clearTimeout(this.#look)
    if (this.#moving || this.#stopped || this.#parts.ending.aborted) return
    const move = this.#nextMove()
    if (move.type === 'stay') {
      if (move.lookAgainMs !== null) this.#look = setTimeout(() => this.#steer(), move.lookAgainMs)
      return
    }
    this.#moving = this.#move(move.type, this.#turn).finally(() => {
      this.#moving = null
      this.#steer()
      this.#parts.onChange()
    })
  }

  #nextMove(): Move {
    const primary = this.#primary
    if (primary.fault === null) this.#wrongSinceMs = null
    else this.#wrongSinceMs ??= performance.now()
    const wrongForMs = this.#wrongSinceMs === null ? null : performance.now() - this.#wrongSinceMs
    return nextMove(
      {
        serving: this.#serving,
        primary: { ready: primary.ready !== null, wrongForMs, lasting: isLasting(primary.fault?.code ?? null) },
        fallback: this.#fallback && { running: this.#fallback.running, ready: this.#fallback.ready !== null },
      },
      this.#parts.fallbackAfterMs ?? FALLBACK_AFTER_MS,
    )
  }

  async #move(type: Exclude<Move['type'], 'stay'>, turn: number): Promise<void> {
    const { log } = this.#parts
    const [primary, fallback] = [this.#primary, this.#fallback]
    switch (type) {
      case 'startFallback':
        log.warn('The NPU is down: detection on the CPU is started')
        fallback?.start()
        return
      case 'endFallback':
        await fallback?.pause()
        return
      case 'toFallback':
        await primary.leave()
        if (turn !== this.#turn) return
        this.#serving = 'fallback'
        fallback?.serve()
        log.warn('The CPU detects until the NPU works again')
        return
      case 'toPrimary': {
        const wasOnCpu = this.#serving === 'fallback'
        this.#serving = null
        await fallback?.pause()
        if (turn !== this.#turn) return
        this.#serving = 'primary'
        primary.serve()
        if (wasOnCpu) log.info('The NPU detects again')
      }
    }
  }
}
