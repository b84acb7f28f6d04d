import type { Ring } from 'hailort-node/ring'
import type { CaptureOrder, CaptureReport } from '../capture/messages.ts'
import { secretsOf } from '../capture/source.ts'
import { AgentError, type Fault, toFault } from '../errors.ts'
import type { Log, Print } from '../log.ts'
import { diedOf, silentFor } from './capture-faults.ts'
import { Child } from './child.ts'
import { FaultLog } from './fault-log.ts'
import { keepAlive, type LifeEnd } from './keep-alive.ts'

/** starting: no frame in this life yet; resting: between two lives; ended: a file that does not loop is over. */
export type CapturePhase = 'starting' | 'delivering' | 'resting' | 'ended' | 'stopped'

export interface CaptureSupervision {
  readonly order: Extract<CaptureOrder, { type: 'start' }>
  readonly env: NodeJS.ProcessEnv
  /** Already made and reserved; the capture writes into it, life after life. */
  readonly ring: Ring
  readonly log: Log
  /** Where lines go that the capture prints; default: stderr. */
  readonly print?: Print | undefined
  /** The whole agent ends: the capture may have been told so too, and its end is no failure. */
  readonly ending: AbortSignal
  /** The phase or the fault has changed. */
  readonly onChange: () => void
}

const ENTRY = new URL('../capture/child.js', import.meta.url)
/** Cameras that sleep, RTSP over a slow link: the first frame may take this long. */
const FIRST_FRAME_LIMIT_MS = 20_000
/** A live source that gave frames and then none for this long is dead, whatever its process says. */
const SILENT_LIMIT_MS = 5_000
const SILENT_LIMIT_FRAMES = 10
const WATCH_EVERY_MS = 200
/** A capture that delivered for this long had started well: its next failure is a new one. */
const WELL_AFTER_MS = 10_000

/**
 * Keeps the capture process of one stream alive. Frames in the ring are what counts as life, not the process: one that
 * delivers nothing is killed and started again. There is never more than one writer: a life starts after the last has exited.
 */
export class CaptureSupervisor implements AsyncDisposable {
  readonly #with: CaptureSupervision
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  /** A camera may be away for years. */
  readonly #faults: FaultLog
  #phase: CapturePhase = 'starting'
  #fault: Fault | null = null
  #isNews = false
  #child: Child<CaptureOrder, CaptureReport> | null = null
  #startedMs = 0
  #lives = 0

  constructor(supervision: CaptureSupervision) {
    this.#with = supervision
    this.#faults = new FaultLog(`stream ${supervision.order.stream}`, supervision.log)
    this.#running = keepAlive({
      live: (signal) => this.#live(signal),
      onRest: (delayMs) => {
        this.#sayRest(delayMs)
        this.#enter('resting')
      },
      signal: AbortSignal.any([this.#stopping.signal, supervision.ending]),
    })
  }

  get phase(): CapturePhase {
    return this.#phase
  }

  /** Why the last life ended, or null once frames flow. */
  get fault(): Fault | null {
    return this.#fault
  }

  /** Resolves when no life follows: the file is over, or we are stopped. */
  get over(): Promise<void> {
    return this.#running
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  get restarts(): number {
    return Math.max(0, this.#lives - 1)
  }

  /** Milliseconds since the process of this life was started; 0 when there is none. */
  get uptimeMs(): number {
    return this.#child === null ? 0 : performance.now() - this.#startedMs
  }

  async #live(signal: AbortSignal): Promise<LifeEnd> {
    const { order, env, ring, print } = this.#with
    this.#lives++
    this.#startedMs = performance.now()
    const headBefore = ring.head
    let outcome: 'ended' | 'failed' | null = null
    let settle: () => void = () => undefined
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    const onReport = (report: CaptureReport) => {
      if (report.type === 'ended') outcome = 'ended'
      else if (report.type === 'failed') {
        outcome = 'failed'
        this.#fail(report.fault)
      } else return
      settle()
    }
    const [name, secrets] = [`capture ${order.stream}`, secretsOf(order.source)]
    await using child = new Child<CaptureOrder, CaptureReport>(ENTRY, { name, secrets, print, args: [order.stream], env, onReport })
    this.#child = child
    this.#enter('starting')
    child.send(order)
    signal.addEventListener('abort', settle, { once: true })
    const watch = setInterval(() => {
      const silence = this.#silence(headBefore)
      if (silence === null) return
      outcome = 'failed'
      this.#fail(silence)
      child.kill()
      settle()
    }, WATCH_EVERY_MS)
    try {
      const exit = await Promise.race([child.exited, settled])
      if (exit && outcome === null && !signal.aborted) this.#fail(diedOf(order.stream, exit))
    } finally {
      clearInterval(watch)
      signal.removeEventListener('abort', settle)
      this.#child = null
    }
    if (outcome === 'ended') this.#end()
    return { ranWell: this.#delivered(headBefore) && performance.now() - this.#startedMs > WELL_AFTER_MS, final: outcome === 'ended' }
  }

  #delivered(headBefore: number): boolean {
    return this.#with.ring.head > headBefore
  }

  #lastHead = 0
  #lastMovedMs = 0

  /** Looks whether frames still come; returns the fault when they do not. */
  #silence(headBefore: number): Fault | null {
    const { ring, order } = this.#with
    const nowMs = performance.now()
    const { head } = ring
    if (head !== this.#lastHead || this.#lastMovedMs < this.#startedMs) {
      this.#lastHead = head
      this.#lastMovedMs = nowMs
    }
    if (this.#phase === 'starting' && head > headBefore) {
      this.#fault = null
      this.#faults.passed()
      this.#enter('delivering')
    }
    // A lossless ring that is full waits for its reader: that silence is not the source's.
    if (ring.geometry.mode === 'lossless' && head - ring.released >= ring.geometry.slotCount) {
      this.#lastMovedMs = nowMs
      return null
    }
    const limitMs =
      this.#phase === 'delivering' ? Math.max(SILENT_LIMIT_MS, (SILENT_LIMIT_FRAMES * 1_000) / order.frame.fps) : FIRST_FRAME_LIMIT_MS
    return nowMs - this.#lastMovedMs > limitMs ? silentFor(order.stream, limitMs) : null
  }

  /** What was known is known no more, even while the old process is still on its way out. */
  #fail(fault: Fault): void {
    this.#fault = fault
    this.#enter('resting')
    this.#isNews = this.#faults.say('warn', fault)
  }

  #sayRest(delayMs: number): void {
    const { order, log } = this.#with
    if (this.#isNews) log.warn(`capture ${order.stream} starts again in ${Math.round(delayMs)} ms`, { code: this.#fault?.code })
    this.#isNews = false
  }

  #end(): void {
    this.#fault = toFault(
      new AgentError('SOURCE_ENDED', 'End of file.', { remedy: 'Set "loop: true" to play it again, or start the stream again.' }),
    )
    this.#enter('ended')
  }

  #enter(phase: CapturePhase): void {
    if (this.#phase === phase) return
    this.#phase = phase
    this.#with.onChange()
  }

  /** Stops the capture and waits until its process is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#running
    this.#enter('stopped')
  }
}
