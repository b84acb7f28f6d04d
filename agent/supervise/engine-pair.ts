import type { DetectorOrder } from '../engine/messages.ts'
import { type EngineSupervision, EngineSupervisor } from './engine-supervisor.ts'
import { type Move, nextMove } from './fallback-move.ts'
import { isLasting } from './health-ladder.ts'
import { broke, restLeftMs, steady } from './npu-steadiness.ts'

export interface EnginePairParts extends Omit<EngineSupervision, 'nextEpoch'> {
  /** What stands in for an NPU that is down; null: nothing does. */
  readonly fallback: DetectorOrder | null
  /** How long something may be wrong with the NPU before that. */
  readonly fallbackAfterMs?: number
  /** How long an NPU that failed again soon after it had the streams back is not given them, the first time. */
  readonly firstRestMs?: number
}

/** Opening the device again takes 1–2 s, a new process as long: what takes longer is worth the flicker of two moves. */
const FALLBACK_AFTER_MS = 3_000

/**
 * The engine of the configured detector and, where that is wanted, one on the CPU that has the streams while the NPU is down. A ring is
 * never given to both: the process of one engine has ended, or never had it, before the other gets it.
 */
export class EnginePair implements AsyncDisposable {
  readonly primary: EngineSupervisor
  readonly fallback: EngineSupervisor | null
  readonly #parts: EnginePairParts
  #serving: 'primary' | 'fallback' | null = null
  /** Since when something is wrong with the primary engine. */
  #wrongSinceMs: number | null = null
  /** Since when the primary engine has worked on the streams; null: it does not. */
  #worksSinceMs: number | null = null
  #steadiness = steady
  #epochs = 0
  #stopped = true
  /** Counts pauses: a move that was under way then is not finished. */
  #turn = 0
  #moving: Promise<void> | null = null
  #look: NodeJS.Timeout | undefined

  constructor(parts: EnginePairParts) {
    this.#parts = parts
    this.primary = this.#supervise('primary', parts.detector)
    this.fallback = parts.fallback && this.#supervise('fallback', parts.fallback)
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

  /** Who has the rings; null: nobody now. */
  get serving(): 'primary' | 'fallback' | null {
    return this.#serving
  }

  /** Whoever has the rings, else the engine that should have them. */
  get engine(): EngineSupervisor {
    return this.#serving === 'fallback' && this.fallback ? this.fallback : this.primary
  }

  get both(): readonly EngineSupervisor[] {
    return this.fallback ? [this.primary, this.fallback] : [this.primary]
  }

  /** Nothing happens when it runs. */
  start(): void {
    this.#stopped = false
    this.primary.start()
    this.#steer()
  }

  /** Ends the engines until the next start, and waits until their processes are gone. */
  async pause(): Promise<void> {
    this.#stopped = true
    this.#turn++
    this.#serving = null
    this.#wrongSinceMs = null
    this.#worksSinceMs = null
    this.#steadiness = steady
    clearTimeout(this.#look)
    await Promise.all([...this.both.map((engine) => engine.pause()), this.#moving])
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
    // A move may begin because time has passed: nobody else says then that nobody infers.
    this.#parts.onChange()
  }

  #nextMove(): Move {
    const { primary } = this
    const nowMs = performance.now()
    this.#judge(nowMs)
    return nextMove(
      {
        serving: this.#serving,
        primary: {
          ready: primary.ready !== null,
          wrongForMs: this.#wrongSinceMs === null ? null : nowMs - this.#wrongSinceMs,
          lasting: isLasting(primary.fault?.code ?? null),
          restLeftMs: this.#restLeftMs(nowMs),
        },
        fallback: this.fallback && { running: this.fallback.running, ready: this.fallback.ready !== null },
      },
      this.#parts.fallbackAfterMs ?? FALLBACK_AFTER_MS,
    )
  }

  /** Keeps in mind since when the primary engine works or does not, and how often it failed soon after it had the streams. */
  #judge(nowMs: number): void {
    const { primary } = this
    const serves = this.#serving === 'primary'
    if (primary.fault === null) {
      this.#wrongSinceMs = null
      this.#worksSinceMs = serves && primary.ready ? (this.#worksSinceMs ?? nowMs) : null
      return
    }
    if (this.#wrongSinceMs !== null) return
    this.#wrongSinceMs = nowMs
    if (!serves) return
    this.#steadiness = broke(this.#steadiness, nowMs - (this.#worksSinceMs ?? nowMs), nowMs)
    this.#worksSinceMs = null
    const restMs = this.#restLeftMs(nowMs)
    if (restMs === 0 || this.fallback === null) return
    this.#parts.log.warn(
      `The NPU failed again soon after it had come back: the CPU is to detect for the next ${Math.round(restMs / 1_000)} s`,
    )
  }

  #restLeftMs(nowMs: number): number {
    return restLeftMs(this.#steadiness, nowMs, this.#parts.firstRestMs)
  }

  async #move(type: Exclude<Move['type'], 'stay'>, turn: number): Promise<void> {
    const { log } = this.#parts
    const [primary, fallback] = [this.primary, this.fallback]
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
