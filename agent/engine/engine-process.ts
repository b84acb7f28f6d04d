import { setTimeout as sleep } from 'node:timers/promises'
import { type Doorbells, type DoorbellWaiter, openDoorbells, openRing, type Ring, waitOnDoorbell } from 'hailort-node/ring'
import { AgentError, toFault } from '../errors.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import { runCanary } from './canary.ts'
import type { Detector } from './detectors/detector.ts'
import { openDetector } from './detectors/open.ts'
import { Engine } from './engine.ts'
import type { EngineOrder, EngineReport } from './messages.ts'

type StartOrder = Extract<EngineOrder, { type: 'start' }>
type AttachOrder = Extract<EngineOrder, { type: 'attach' }>

/** How the engine speaks to the agent. */
export interface AgentLink {
  send(report: EngineReport): void
  /** Reports sent and not yet taken. */
  backlog(): number
  /** The engine cannot go on: says why, then ends the process. */
  fail(fault: AgentError): void
}

const TICK_MS = 1_000
/** A hanging chip may take many times as long to be let go: ending this process is faster then. */
const LET_GO_MS = 1_500
/** A device that fails again so soon is not mended by opening it: the process goes, and with it whatever the driver holds for it. */
const WELL_AFTER_MS = 10_000

/** The running engine of this process: detector, rings, doorbell. An NPU that fails is opened again once, before the process gives up. */
export class EngineProcess {
  readonly #order: StartOrder
  readonly #link: AgentLink
  readonly #doorbells: Doorbells
  readonly #waiter: DoorbellWaiter
  readonly #ticks: NodeJS.Timeout
  readonly #attached = new Map<string, AttachOrder>()
  readonly #trackIds = new Map<string, () => number>()
  #detector: Detector
  /** null while the device is opened again. */
  #engine: Engine | null = null
  #readyMs = 0
  #closed = false

  private constructor(order: StartOrder, link: AgentLink, detector: Detector) {
    this.#order = order
    this.#link = link
    this.#detector = detector
    this.#doorbells = openDoorbells(order.doorbellsPath)
    this.#waiter = waitOnDoorbell(this.#doorbells, order.doorbell, () => this.#engine?.pump())
    // A lost bell costs a second, not a stream.
    this.#ticks = setInterval(() => this.#engine?.tick(), TICK_MS)
  }

  /** Opens the detector, proves that it works, and says `ready`. Throws AgentError. */
  static async start(order: StartOrder, link: AgentLink): Promise<EngineProcess> {
    const detector = await openDetector(order.detector)
    const p99Ms = await prove(detector, order.doorbellsPath)
    const running = new EngineProcess(order, link, detector)
    running.#begin(p99Ms)
    return running
  }

  attach(order: AttachOrder): void {
    this.#attached.set(order.stream, order)
    if (this.#engine) this.#attachTo(this.#engine, order)
  }

  detach(stream: string): void {
    this.#attached.delete(stream)
    this.#engine?.detach(stream)
  }

  /** Native work is under way that cannot be waited for. */
  get busy(): boolean {
    return this.#engine?.busy ?? true
  }

  /** Lets go of everything, an idle detector included; what one is at is not waited for. */
  async close(): Promise<void> {
    const idle = !this.busy
    this.#closed = true
    clearInterval(this.#ticks)
    this.#waiter.stop()
    this.#engine?.close()
    this.#engine = null
    this.#doorbells.close()
    if (idle) await this.#detector[Symbol.asyncDispose]()
  }

  #begin(detectorP99Ms: number): void {
    const detector = this.#detector
    const { scoreThreshold, tracking, batchSize, maxBatch, cpuFallback } = this.#order.detector
    const engine = new Engine({
      detector,
      npu: detector.npu,
      cpuFallback,
      trackIds: this.#trackIds,
      tracking: { scoreThreshold, ...tracking },
      batchSize,
      maxBatch: Math.max(1, Math.min(maxBatch, detector.maxBatch)),
      maxInFlight: detector.maxInFlight,
      batchMs: detectorP99Ms,
      send: (report) => this.#link.send(report),
      backlog: () => this.#link.backlog(),
      nowMs: monotonicMs,
      onFailure: (cause) => void this.#recover(inferenceFailed('An inference failed', cause)),
      onRingLost: (stream, cause) => this.#link.send(ringLost(stream, cause)),
    })
    this.#engine = engine
    this.#readyMs = monotonicMs()
    const { backend, simulated, npu } = detector
    this.#link.send({ type: 'ready', backend, simulated, detectorP99Ms, npu: npu?.facts ?? null })
    for (const order of this.#attached.values()) this.#attachTo(engine, order)
  }

  /** The first rung of the health ladder. Whatever does not work out soon ends the process. */
  async #recover(fault: AgentError): Promise<void> {
    this.#engine = null
    if (this.#detector.npu === null || monotonicMs() - this.#readyMs < WELL_AFTER_MS) {
      this.#link.fail(fault)
      return
    }
    this.#link.send({ type: 'recovering', fault: toFault(fault) })
    try {
      if (!(await letGo(this.#detector))) throw hangs(fault)
      this.#detector = await openDetector(this.#order.detector)
      const p99Ms = await prove(this.#detector, this.#order.doorbellsPath)
      if (!this.#closed) this.#begin(p99Ms)
    } catch (error) {
      if (!this.#closed) this.#link.fail(startFault(error))
    }
  }

  #attachTo(engine: Engine, { ringPath, ...stream }: AttachOrder): void {
    let ring: Ring | null = null
    try {
      ring = openRing(ringPath)
      ring.useDoorbells(this.#doorbells)
      engine.attach(ring, stream)
    } catch (error) {
      // The stream was stopped meanwhile, or its ring is no ring: the others go on.
      ring?.close()
      this.#link.send(ringLost(stream.stream, error))
    }
  }
}

/** The fault of a start that failed. */
export function startFault(error: unknown): AgentError {
  return error instanceof AgentError ? error : inferenceFailed('The detector cannot be opened', error)
}

/** The canary: a device that answers questions about itself may be dead for inference. Returns the p99 time of one frame. */
async function prove(detector: Detector, doorbellsPath: string): Promise<number> {
  return runCanary(detector, doorbellsPath).catch((cause: unknown) => {
    throw inferenceFailed('The detector could not look at a test picture', cause)
  })
}

/** False: it takes too long. */
async function letGo(detector: Detector): Promise<boolean> {
  const limit = new AbortController()
  try {
    const late = sleep(LET_GO_MS, false, { signal: limit.signal }).catch(() => false)
    return await Promise.race([detector[Symbol.asyncDispose]().then(() => true), late])
  } finally {
    limit.abort()
  }
}

function hangs(cause: AgentError): AgentError {
  return new AgentError('NPU_FAILED', `The NPU hangs: it was not let go within ${LET_GO_MS} ms after this: ${cause.what}`, {
    remedy: 'The detection process is ended and started again; if this repeats, check cooling and power, then reboot.',
    cause,
  })
}

function ringLost(stream: string, cause: unknown): EngineReport {
  const fault = new AgentError('RING_FAILED', `The ring of stream "${stream}" cannot be used: ${textOf(cause)}.`, {
    remedy: 'It is tried again by itself; if this repeats, check that nothing else removes or writes files in the runtime folder.',
    cause,
  })
  return { type: 'ringLost', stream, fault: toFault(fault) }
}

function inferenceFailed(what: string, cause: unknown): AgentError {
  if (cause instanceof AgentError) return cause
  return new AgentError('INFERENCE_FAILED', `${what}: ${textOf(cause)}.`, {
    remedy: 'The detection process starts again by itself; if this repeats, try another model or detector.backend.',
    cause,
  })
}

function textOf(error: unknown): string {
  return error instanceof AgentError ? toFault(error).message : error instanceof Error ? error.message : String(error)
}
