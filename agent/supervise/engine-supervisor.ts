import type { DetectorOrder, EngineOrder, EngineReport, FrameReport } from '../engine/messages.ts'
import { AgentError, type Fault, toFault } from '../errors.ts'
import type { Log } from '../log.ts'
import { assumedDetectorMs } from '../ring/layout.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import { Child, type Exit } from './child.ts'
import { engineSilence, type WatchedStream } from './engine-watch.ts'
import { keepAlive, type LifeEnd } from './keep-alive.ts'

export interface EngineSupervision {
  readonly detector: DetectorOrder
  readonly env: NodeJS.ProcessEnv
  readonly doorbellsPath: string
  /** The doorbell the engine waits on. */
  readonly doorbell: number
  readonly log: Log
  /** The whole agent ends: the engine may have been told so too, and its end is no failure. */
  readonly ending: AbortSignal
  /** One call a batch; `epoch` tells engines apart, whose track ids start anew. */
  readonly onFrames: (frames: readonly FrameReport[], epoch: number) => void
  /** It has become ready, or is gone. */
  readonly onChange: () => void
  /** The end-of-stream slot of a stream has passed. */
  readonly onEnded: (stream: string) => void
}

/** One stream's ring, as the engine is told of it. */
export type Attachment = Omit<Extract<EngineOrder, { type: 'attach' }>, 'type'>

/** What an engine said of itself when it was ready. */
export type Readiness = Omit<Extract<EngineReport, { type: 'ready' }>, 'type'>

const ENTRY = new URL('../engine/child.js', import.meta.url)
/** Loading a model and the canary inference may take this long. */
const READY_LIMIT_MS = 60_000
const WELL_AFTER_MS = 10_000

/** A ring the engine could not use is offered to it again after this rest. */
const REATTACH_MS = 5_000

/** Keeps one engine process alive and attached to the rings of all running streams. */
export class EngineSupervisor implements AsyncDisposable {
  readonly #with: EngineSupervision
  readonly #attached = new Map<string, Attachment>()
  #stopping: AbortController | null = null
  /** The end of the newest run: the next begins after it, since a device has one owner. */
  #ended: Promise<void> = Promise.resolve()
  readonly #lost = new Map<string, { framesLost: number; resultsLost: number }>()
  #child: Child<EngineOrder, EngineReport> | null = null
  #ready: Readiness | null = null
  #fault: Fault | null = null
  #startedMs = 0
  #readySinceMs = 0
  /** This life was ended by us: its exit says nothing new. */
  #killed = false
  #lives = 0

  constructor(supervision: EngineSupervision) {
    this.#with = supervision
    this.#start()
  }

  #start(): void {
    if (this.#stopping) return
    const stop = new AbortController()
    this.#stopping = stop
    const { log, ending } = this.#with
    this.#ended = this.#ended.then(() =>
      keepAlive({
        live: (signal) => this.#live(signal),
        onRest: (delayMs) => log.warn(`engine starts again in ${Math.round(delayMs)} ms`, { code: this.#fault?.code }),
        signal: AbortSignal.any([stop.signal, ending]),
      }),
    )
  }

  /** Ends the engine until a stream is attached again. */
  async pause(): Promise<void> {
    this.#stopping?.abort()
    this.#stopping = null
    this.#fault = null
    await this.#ended
  }

  /** Null while no engine can infer. */
  get ready(): Readiness | null {
    return this.#ready
  }

  get fault(): Fault | null {
    return this.#fault
  }

  /** Why it cannot infer now; null: it can. */
  get gone(): string | null {
    if (this.#ready) return null
    if (this.#stopping === null) return 'detection is stopped'
    return this.#fault ? `${this.#fault.message} ${this.#fault.remedy} [${this.#fault.code}]` : 'detection is starting'
  }

  get doorbell(): number {
    return this.#with.doorbell
  }

  get maxBatch(): number {
    return this.#with.detector.maxBatch
  }

  /** What a frame may take at worst: what the canary measured, but no less than is usual, since it saw a quiet machine. */
  get detectorMs(): number {
    const { backend } = this.#with.detector
    const measuredMs = this.#ready?.detectorP99Ms ?? 0
    return backend === 'hailo' && this.#ready ? measuredMs : Math.max(assumedDetectorMs(backend), measuredMs)
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /** Which life this is: 1, 2, … */
  get epoch(): number {
    return this.#lives
  }

  get restarts(): number {
    return Math.max(0, this.#lives - 1)
  }

  get uptimeMs(): number {
    return this.#child === null ? 0 : performance.now() - this.#startedMs
  }

  /** Frames of a stream that the engine never saw, and results that came after their slot was overwritten. */
  lost(stream: string): { readonly framesLost: number; readonly resultsLost: number } {
    return this.#lost.get(stream) ?? { framesLost: 0, resultsLost: 0 }
  }

  /** Gives the engine, and every later life of it, a ring to look at. */
  attach(attachment: Attachment): void {
    this.#attached.set(attachment.stream, attachment)
    this.#child?.send({ type: 'attach', ...attachment })
    this.#start()
  }

  detach(stream: string): void {
    this.#attached.delete(stream)
    this.#lost.delete(stream)
    this.#child?.send({ type: 'detach', stream })
  }

  /** Ends an engine that gives no results although frames come; a new one is started. */
  watch(streams: readonly WatchedStream[]): void {
    if (!this.#ready) return
    const { detectorP99Ms } = this.#ready
    const silentMs = engineSilence(streams, { nowMs: monotonicMs(), readySinceMs: this.#readySinceMs, detectorP99Ms })
    if (silentMs !== null) this.#killSilent(silentMs)
  }

  #killSilent(silentMs: number): void {
    this.#killed = true
    this.#fail(
      new AgentError('ENGINE_SILENT', `The detection process gave no result for ${Math.round(silentMs / 1_000)} s and was ended.`, {
        remedy: 'It is started again by itself; if this repeats, use a smaller model or lower detectFps.',
      }),
    )
    this.#child?.kill()
  }

  async #live(signal: AbortSignal): Promise<LifeEnd> {
    const { detector, env, doorbell, doorbellsPath } = this.#with
    this.#lives++
    this.#startedMs = performance.now()
    const epoch = this.#lives
    this.#killed = false
    let said = false
    let wasReady = false
    let settle: () => void = () => undefined
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    await using child = new Child<EngineOrder, EngineReport>(ENTRY, {
      env,
      onReport: (report) => {
        if (report.type === 'failed') {
          said = true
          this.#fault = report.fault
          this.#with.log.error(`engine: ${report.fault.message} ${report.fault.remedy}`, { code: report.fault.code })
          settle()
        } else if (report.type === 'ready') {
          wasReady = true
          clearTimeout(readyLimit)
        }
        this.#take(report, epoch)
      },
    })
    this.#child = child
    const readyLimit = setTimeout(() => this.#killSilent(READY_LIMIT_MS), READY_LIMIT_MS)
    child.send({ type: 'start', detector, doorbell, doorbellsPath, parentPid: process.pid })
    for (const attachment of this.#attached.values()) child.send({ type: 'attach', ...attachment })
    signal.addEventListener('abort', settle, { once: true })
    try {
      const exit = await Promise.race([child.exited, settled])
      if (exit && !said && !this.#killed && !signal.aborted) this.#fail(diedOf(exit))
    } finally {
      clearTimeout(readyLimit)
      signal.removeEventListener('abort', settle)
      this.#child = null
      this.#ready = null
      this.#with.onChange()
    }
    return { ranWell: wasReady && performance.now() - this.#startedMs > WELL_AFTER_MS }
  }

  #take(report: EngineReport, epoch: number): void {
    if (report.type === 'results') this.#with.onFrames(report.frames, epoch)
    else if (report.type === 'ready') {
      this.#ready = report
      this.#readySinceMs = monotonicMs()
      this.#fault = null
      this.#with.onChange()
    } else if (report.type === 'stats') this.#note(report.streams)
    else if (report.type === 'ended') this.#with.onEnded(report.stream)
    else if (report.type === 'ringLost') this.#offerAgain(report.stream, report.fault, epoch)
  }

  /** What a stream has lost, and what the detector has learnt of it: a later life begins with that instead of finding out again. */
  #note(streams: Extract<EngineReport, { type: 'stats' }>['streams']): void {
    for (const { stream, learnt, ...lost } of streams) {
      this.#lost.set(stream, lost)
      const attachment = this.#attached.get(stream)
      if (attachment && learnt !== null) this.#attached.set(stream, { ...attachment, learnt })
    }
  }

  /** The stream says `unknown` meanwhile, since no results come. */
  #offerAgain(stream: string, fault: Fault, epoch: number): void {
    this.#with.log.warn(`stream ${stream}: ${fault.message} ${fault.remedy}`, { code: fault.code })
    const lost = this.#attached.get(stream)
    setTimeout(() => {
      if (lost && this.#attached.get(stream)?.ringPath === lost.ringPath && this.#lives === epoch)
        this.#child?.send({ type: 'attach', ...lost })
    }, REATTACH_MS).unref()
  }

  #fail(error: AgentError): void {
    this.#fault = toFault(error)
    this.#with.log.error(error.message)
  }

  /** Stops the engine and waits until its process is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause()
  }
}

function diedOf({ code, signal }: Exit): AgentError {
  const how = signal === null ? `with exit code ${code ?? 'none'}` : `by ${signal}`
  return new AgentError('ENGINE_DIED', `The detection process ended ${how}.`, {
    remedy:
      'It is started again by itself; counts are "unknown" until it has seen a frame. If this repeats, look for "out of memory" in the kernel log and name a smaller model.',
  })
}
