import type { EngineOrder, EngineReport } from '../engine/messages.ts'
import { AgentError, type Fault, toFault } from '../errors.ts'
import type { Print } from '../log.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import { Child, type Exit } from './child.ts'

/** One stream's ring, as the engine is told of it. */
export type Attachment = Omit<Extract<EngineOrder, { type: 'attach' }>, 'type'>

/** What an engine said of itself when it was ready. */
export type Readiness = Omit<Extract<EngineReport, { type: 'ready' }>, 'type'>

/** How long an engine may be without a word, in milliseconds. */
export interface EngineLimits {
  /** From its start until it is ready. */
  readonly readyMs: number
  /** From `recovering` until it is ready again. */
  readonly recoverMs: number
}

export interface EngineLifeOptions {
  readonly entry: URL
  readonly env: NodeJS.ProcessEnv
  readonly start: Omit<Extract<EngineOrder, { type: 'start' }>, 'type'>
  readonly limits: EngineLimits
  /** Where lines go that it prints; default: stderr. */
  readonly print?: Print | undefined
  /** Aborts: the engine is asked to end. */
  readonly signal: AbortSignal
  /** Every report of this life but those that come after its end; readiness and fault are up to date then. */
  readonly onReport: (report: EngineReport) => void
}

/** One engine process from its start to its end. Leaving the scope waits until it is gone. */
export class EngineLife implements AsyncDisposable {
  readonly #child: Child<EngineOrder, EngineReport>
  readonly #options: EngineLifeOptions
  readonly #startedMs = performance.now()
  readonly #given = new Set<string>()
  #hadRings = false
  #ready: Readiness | null = null
  #readySinceMs = 0
  #wasReady = false
  #fault: Fault | null = null
  #limit: NodeJS.Timeout
  #isOver = false
  #end: () => void = () => undefined
  readonly #stop = () => this.#end()
  /** Resolves when it has failed, was killed, is gone, or is asked to end: nothing it says counts from then on. */
  readonly over: Promise<void>

  constructor(options: EngineLifeOptions) {
    const { entry, env, start, limits, print, signal } = options
    this.#options = options
    this.over = new Promise((resolve) => {
      this.#end = () => {
        this.#isOver = true
        resolve()
      }
    })
    const name = `engine ${start.detector.backend}`
    this.#child = new Child<EngineOrder, EngineReport>(entry, { name, print, env, onReport: (report) => this.#take(report) })
    this.#limit = this.#within(limits.readyMs)
    if (signal.aborted) this.#end()
    else signal.addEventListener('abort', this.#stop, { once: true })
    void this.#child.exited.then((exit) => {
      if (!this.#isOver) this.#fault = toFault(diedOf(exit))
      this.#end()
    })
    this.#child.send({ type: 'start', ...start })
  }

  /** Null while it cannot infer. */
  get ready(): Readiness | null {
    return this.#isOver ? null : this.#ready
  }

  /** CLOCK_MONOTONIC in milliseconds. */
  get readySinceMs(): number {
    return this.#readySinceMs
  }

  /** It could infer once. */
  get wasReady(): boolean {
    return this.#wasReady
  }

  /** Why it cannot infer, or what ended it; null: nothing is wrong, or it was asked to end. */
  get fault(): Fault | null {
    return this.#fault
  }

  get pid(): number | null {
    return this.#child.pid
  }

  get uptimeMs(): number {
    return performance.now() - this.#startedMs
  }

  /** It was given that ring and not told to let it go. */
  holds(stream: string): boolean {
    return this.#given.has(stream)
  }

  /** It was given rings, and may write into one as long as its process is there. */
  get hadRings(): boolean {
    return this.#hadRings
  }

  /** Resolves when the process is gone. */
  get exited(): Promise<Exit> {
    return this.#child.exited
  }

  attach(attachment: Attachment): void {
    this.#given.add(attachment.stream)
    this.#hadRings = true
    this.#child.send({ type: 'attach', ...attachment })
  }

  /** It may write into that ring a little longer. */
  detach(stream: string): void {
    this.#given.delete(stream)
    this.#child.send({ type: 'detach', stream })
  }

  /** Ends it at once, whatever it is in, as it has given no word for so long; what it said was wrong before stays the truer reason. */
  killSilent(silentMs: number): void {
    this.#fault ??= toFault(silentFor(silentMs))
    this.kill()
  }

  /** Ends it at once without a reason of its own. */
  kill(): void {
    this.#end()
    this.#child.kill()
  }

  #take(report: EngineReport): void {
    if (this.#isOver) return
    if (report.type === 'ready') {
      clearTimeout(this.#limit)
      this.#ready = report
      this.#readySinceMs = monotonicMs()
      this.#wasReady = true
      this.#fault = null
    } else if (report.type === 'recovering') {
      clearTimeout(this.#limit)
      this.#limit = this.#within(this.#options.limits.recoverMs)
      this.#ready = null
      this.#fault = report.fault
    } else if (report.type === 'failed') {
      this.#ready = null
      this.#fault = report.fault
    }
    this.#options.onReport(report)
    // It has nothing left to tidy up, and a hanging driver would keep it for seconds.
    if (report.type === 'failed') this.kill()
  }

  #within(limitMs: number): NodeJS.Timeout {
    return setTimeout(() => this.killSilent(limitMs), limitMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end()
    clearTimeout(this.#limit)
    this.#options.signal.removeEventListener('abort', this.#stop)
    await this.#child[Symbol.asyncDispose]()
  }
}

function silentFor(silentMs: number): AgentError {
  return new AgentError('ENGINE_SILENT', `The detection process gave no result for ${Math.round(silentMs / 1_000)} s and was ended.`, {
    remedy: 'It is started again by itself; if this repeats, use a smaller model or lower detectFps.',
  })
}

function diedOf({ code, signal }: Exit): AgentError {
  const how = signal === null ? `with exit code ${code ?? 'none'}` : `by ${signal}`
  return new AgentError('ENGINE_DIED', `The detection process ended ${how}.`, {
    remedy:
      'It is started again by itself; counts are "unknown" until it has seen a frame. If this repeats, look for "out of memory" in the kernel log and name a smaller model.',
  })
}
