import { setTimeout as sleep } from 'node:timers/promises'
import type { DetectorOrder, EngineReport, FrameReport } from '../engine/messages.ts'
import type { Fault } from '../errors.ts'
import type { Log, Print } from '../log.ts'
import { assumedDetectorMs } from '../ring/layout.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import { reloadDriver } from './driver-reload.ts'
import { EngineHealth } from './engine-health.ts'
import { type Attachment, EngineLife, type EngineLimits, type Readiness } from './engine-life.ts'
import { EngineRings, type Lost } from './engine-rings.ts'
import { engineSilence, type WatchedStream } from './engine-watch.ts'
import { keepAlive, type LifeEnd } from './keep-alive.ts'

export interface EngineSupervision {
  readonly detector: DetectorOrder
  /** The driver of an NPU may be loaded anew when nothing else helps. */
  readonly driverReload: boolean
  readonly env: NodeJS.ProcessEnv
  readonly doorbellsPath: string
  /** The doorbell the engine waits on. */
  readonly doorbell: number
  readonly log: Log
  /** Where lines go that the engine prints; default: stderr. */
  readonly print?: Print | undefined
  /** The whole agent ends: the engine may have been told so too, and its end is no failure. */
  readonly ending: AbortSignal
  /** Numbers the lives of all engines that may look at the same streams. */
  readonly nextEpoch: () => number
  /** One call a batch; `epoch` tells lives apart, whose track ids start anew. */
  readonly onFrames: (frames: readonly FrameReport[], epoch: number) => void
  /** It can infer, or cannot any more. */
  readonly onChange: () => void
  /** The end-of-stream slot of a stream has passed. */
  readonly onEnded: (stream: string) => void
  /** The program of the engine; default: ours. */
  readonly entry?: URL
  readonly limits?: EngineLimits
  /** One that could infer for longer before it failed has run well: its failure is a new one. */
  readonly wellAfterMs?: number
}

const ENTRY = new URL('../engine/child.js', import.meta.url)
/** Loading a model and the canary inference may take this long. */
const LIMITS: EngineLimits = { readyMs: 60_000, recoverMs: 60_000 }
/** Opening an NPU takes 1–2 s. What hangs longer hangs in the driver: a process that is gone lets go of it, waiting does not. */
const NPU_LIMITS: EngineLimits = { readyMs: 15_000, recoverMs: 5_000 }
const WELL_AFTER_MS = 10_000
/** A ring the engine could not use is offered to it again after this rest. */
const REATTACH_MS = 5_000
/** One that is killed may stay in the kernel, held by a driver; it writes nothing any more. */
const KILLED_WITHIN_MS = 2_000
/** What is asked to end has 2 s before it is killed. Whoever waits for the end is not kept by one that the kernel does not let go. */
const ENDED_WITHIN_MS = 2_500
const STUCK_AFTER_MS = 5_000

/** Keeps one engine process alive from `start` to `pause`, and attached to the rings it was given from `serve` to `leave`. */
export class EngineSupervisor implements AsyncDisposable {
  readonly #with: EngineSupervision
  readonly #rings = new EngineRings()
  readonly health: EngineHealth
  #serves = false
  /** CLOCK_MONOTONIC in milliseconds. */
  #servesSinceMs = 0
  #stopping: AbortController | null = null
  /** The end of the newest run: the next begins after it, since a device has one owner. */
  #ended: Promise<void> = Promise.resolve()
  #life: EngineLife | null = null
  /** Is still there when its life is over and its process on its way out. */
  #process: EngineLife | null = null
  #lives = 0
  #epoch = 0

  constructor(supervision: EngineSupervision) {
    this.#with = supervision
    const { log, ending: signal } = supervision
    this.health = new EngineHealth({ ...supervision, reloadDriver: () => reloadDriver({ log, signal }) })
  }

  /** Nothing happens when it runs. */
  start(): void {
    if (this.#stopping) return
    const stop = new AbortController()
    this.#stopping = stop
    const { health } = this
    this.#ended = this.#ended.then(() =>
      keepAlive({
        live: (signal) => this.#live(signal),
        delayMs: (failures) => health.restMs(failures),
        onRest: (delayMs) => health.rests(delayMs),
        signal: AbortSignal.any([stop.signal, this.#with.ending]),
      }),
    )
  }

  /** Ends the engine until it is started again, and waits until its process is gone, unless the kernel keeps it. It serves no more then. */
  async pause(): Promise<void> {
    this.#serves = false
    this.#stopping?.abort()
    this.#stopping = null
    this.health.paused()
    await Promise.race([this.#ended, sleep(ENDED_WITHIN_MS, undefined, { ref: false })])
  }

  /** Gives the rings to the engine as soon as that is ready, and to every later life of it. */
  serve(): void {
    this.#serves = true
    this.#servesSinceMs = monotonicMs()
    if (this.#life?.ready) this.#giveRings(this.#life)
  }

  /** Gives no rings to later lives, and resolves when none of its processes can write into one any more. */
  async leave(): Promise<void> {
    this.#serves = false
    const process = this.#process
    if (!process?.hadRings) return
    process.kill()
    await Promise.race([process.exited, sleep(KILLED_WITHIN_MS, undefined, { ref: false })])
  }

  get running(): boolean {
    return this.#stopping !== null
  }

  /** Null while no engine can infer. */
  get ready(): Readiness | null {
    return this.#life?.ready ?? null
  }

  get fault(): Fault | null {
    return this.health.fault
  }

  /** Why it cannot infer now; null: it can. */
  get gone(): string | null {
    if (this.ready) return null
    if (!this.running) return 'detection is stopped'
    return this.fault ? `${this.fault.message} ${this.fault.remedy} [${this.fault.code}]` : 'detection is starting'
  }

  get detector(): DetectorOrder {
    return this.#with.detector
  }

  /** What a frame may take at worst: what the canary measured, but no less than is usual, since it saw a quiet machine. */
  get detectorMs(): number {
    const { backend } = this.detector
    const measuredMs = this.ready?.detectorP99Ms ?? 0
    return backend === 'hailo' && this.ready ? measuredMs : Math.max(assumedDetectorMs(backend), measuredMs)
  }

  get pid(): number | null {
    return this.#process?.pid ?? null
  }

  /** Of the newest life. */
  get epoch(): number {
    return this.#epoch
  }

  get restarts(): number {
    return Math.max(0, this.#lives - 1)
  }

  get uptimeMs(): number {
    return this.#process?.uptimeMs ?? 0
  }

  /** Frames of a stream that the engine never saw, and results that came after their slot was overwritten. */
  lost(stream: string): Lost {
    return this.#rings.lost(stream)
  }

  /** A ring to look at, for this life and every later one. */
  attach(attachment: Attachment): void {
    this.#rings.attach(attachment)
    // Before it is ready it could be told to end, and then nobody else may have its rings meanwhile.
    if (this.#serves && this.#life?.wasReady) this.#life.attach(attachment)
  }

  detach(stream: string): void {
    this.#rings.detach(stream)
    this.#life?.detach(stream)
  }

  /** Ends an engine that gives no results although frames come; a new one is started. */
  watch(streams: readonly WatchedStream[]): void {
    const life = this.#life
    if (!life?.ready || !this.#serves) return
    const { backend } = this.detector
    const readySinceMs = Math.max(life.readySinceMs, this.#servesSinceMs)
    const times = { nowMs: monotonicMs(), readySinceMs, detectorP99Ms: life.ready.detectorP99Ms, backend }
    const silentMs = engineSilence(this.#rings.owed(streams), times)
    if (silentMs !== null) life.killSilent(silentMs)
  }

  /** Stops the engine as `pause` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause()
  }

  async #live(signal: AbortSignal): Promise<LifeEnd> {
    const { env, print, doorbell, doorbellsPath, nextEpoch, entry = ENTRY, wellAfterMs = WELL_AFTER_MS } = this.#with
    const { detector } = this
    this.#lives++
    this.#epoch = nextEpoch()
    const life: EngineLife = new EngineLife({
      entry,
      env,
      start: { detector, doorbell, doorbellsPath, parentPid: process.pid },
      print,
      limits: this.#with.limits ?? (detector.backend === 'hailo' ? NPU_LIMITS : LIMITS),
      signal,
      onReport: (report) => this.#take(life, report),
    })
    this.#life = life
    this.#process = life
    await life.over
    this.#life = null
    this.#rings.newLife()
    const ranWell = life.wasReady && monotonicMs() - life.readySinceMs > wellAfterMs
    // The streams hear of it before the process is gone.
    if (!signal.aborted) this.health.fail(life.fault)
    this.#with.onChange()
    await this.#leaves(life)
    this.#process = null
    if (!signal.aborted) await this.health.climb({ fault: life.fault, ranWell })
    return { ranWell }
  }

  /** Waits until the process is gone, however long that takes: its device is not free before. */
  async #leaves(life: EngineLife): Promise<void> {
    const remedy = 'Restart the machine if that does not pass: nothing else frees a device whose driver hangs.'
    const stuck = setTimeout(() => {
      this.#with.log.error(`engine: its process ${life.pid ?? 0} does not end: a driver holds it. ${remedy}`, { code: life.fault?.code })
    }, STUCK_AFTER_MS).unref()
    await life[Symbol.asyncDispose]()
    clearTimeout(stuck)
  }

  #take(life: EngineLife, report: EngineReport): void {
    this.health.take(report)
    if (report.type === 'results') {
      if (this.#serves && life.ready) this.#with.onFrames(report.frames, this.#epoch)
    } else if (report.type === 'ready') {
      if (this.#serves) this.#giveRings(life)
      this.#with.onChange()
    } else if (report.type === 'recovering') this.#with.onChange()
    else if (report.type === 'stats') this.#rings.note(report.streams)
    else if (report.type === 'ended') this.#with.onEnded(report.stream)
    else if (report.type === 'ringLost') this.#offerAgain(life, report.stream, report.fault)
  }

  /** One that has opened its device again has those it had still. */
  #giveRings(life: EngineLife): void {
    for (const attachment of this.#rings.all) if (!life.holds(attachment.stream)) life.attach(attachment)
  }

  /** The stream says `unknown` meanwhile, since no results come. */
  #offerAgain(life: EngineLife, stream: string, fault: Fault): void {
    this.#with.log.warn(`stream ${stream}: ${fault.message} ${fault.remedy}`, { code: fault.code })
    const offer = this.#rings.refuse(stream)
    setTimeout(() => {
      const attachment = this.#life === life && this.#serves ? offer() : null
      if (attachment) life.attach(attachment)
    }, REATTACH_MS).unref()
  }
}
