import type { DetectorOrder } from '../engine/messages.ts'
import { type EngineSupervision, EngineSupervisor } from './engine-supervisor.ts'
import { type Move, nextMove } from './fallback-move.ts'
import { isLasting } from './health-ladder.ts'

export interface EnginePairParts extends Omit<EngineSupervision, 'nextEpoch'> {
  /** What stands in for an NPU that is down; null: nothing does. */
  readonly fallback: DetectorOrder | null
  /** How long something may be wrong with the NPU before that. */
  readonly fallbackAfterMs?: number
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
  }

  #nextMove(): Move {
    const primary = this.primary
    if (primary.fault === null) this.#wrongSinceMs = null
    else this.#wrongSinceMs ??= performance.now()
    const wrongForMs = this.#wrongSinceMs === null ? null : performance.now() - this.#wrongSinceMs
    return nextMove(
      {
        serving: this.#serving,
        primary: { ready: primary.ready !== null, wrongForMs, lasting: isLasting(primary.fault?.code ?? null) },
        fallback: this.fallback && { running: this.fallback.running, ready: this.fallback.ready !== null },
      },
      this.#parts.fallbackAfterMs ?? FALLBACK_AFTER_MS,
    )
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
