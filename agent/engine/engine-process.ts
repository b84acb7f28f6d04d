import { type Doorbells, type DoorbellWaiter, openDoorbells, openRing, type Ring, waitOnDoorbell } from 'hailort-node/ring'
import { AgentError, toFault } from '../errors.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import { runCanary } from './canary.ts'
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
  /** A word for the log. */
  warn(text: string): void
  /** The engine cannot go on: says why, then ends the process. */
  fail(fault: AgentError): void
}

const TICK_MS = 1_000

/** The running engine of this process: detector, rings, doorbell. */
export class EngineProcess {
  readonly #engine: Engine
  readonly #doorbells: Doorbells
  readonly #waiter: DoorbellWaiter
  readonly #ticks: NodeJS.Timeout
  readonly #link: AgentLink

  private constructor(engine: Engine, doorbells: Doorbells, doorbell: number, link: AgentLink) {
    this.#engine = engine
    this.#doorbells = doorbells
    this.#link = link
    this.#waiter = waitOnDoorbell(doorbells, doorbell, () => engine.pump())
    // A lost bell costs a second, not a stream.
    this.#ticks = setInterval(() => engine.tick(), TICK_MS)
  }

  /** Opens the detector, proves that it works, and says `ready`. Throws AgentError. */
  static async start({ detector: order, doorbellsPath, doorbell }: StartOrder, link: AgentLink): Promise<EngineProcess> {
    const detector = await openDetector(order)
    const detectorP99Ms = await runCanary(detector, doorbellsPath).catch((cause: unknown) => {
      throw inferenceFailed('The detector could not look at a test picture', cause)
    })
    const { scoreThreshold, tracking, batchSize } = order
    const engine = new Engine({
      detector,
      tracking: { scoreThreshold, ...tracking },
      batchSize,
      maxBatch: Math.max(1, Math.min(order.maxBatch, detector.maxBatch)),
      // A second batch keeps an NPU busy while the first one's boxes are read; on the CPU it would only wait.
      maxInFlight: detector.backend === 'hailo' ? 2 : 1,
      batchMs: detectorP99Ms,
      send: (report) => link.send(report),
      backlog: () => link.backlog(),
      nowMs: monotonicMs,
      onFailure: (cause) => link.fail(inferenceFailed('An inference failed', cause)),
      onRingLost: (stream, cause) => link.send(ringLost(stream, cause)),
    })
    const running = new EngineProcess(engine, openDoorbells(doorbellsPath), doorbell, link)
    link.send({ type: 'ready', backend: detector.backend, simulated: detector.simulated, detectorP99Ms, npu: null })
    return running
  }

  attach({ ringPath, ...stream }: AttachOrder): void {
    let ring: Ring | null = null
    try {
      ring = openRing(ringPath)
      ring.useDoorbells(this.#doorbells)
      this.#engine.attach(ring, stream)
    } catch (error) {
      // The stream was stopped meanwhile, or its ring is no ring: the others go on.
      ring?.close()
      this.#link.send(ringLost(stream.stream, error))
    }
  }

  detach(stream: string): void {
    this.#engine.detach(stream)
  }

  get busy(): boolean {
    return this.#engine.busy
  }

  /** Lets go of everything; what the detector is at is not waited for. */
  close(): void {
    clearInterval(this.#ticks)
    this.#waiter.stop()
    this.#engine.close()
    this.#doorbells.close()
  }
}

/** The fault of a start that failed. */
export function startFault(error: unknown): AgentError {
  return error instanceof AgentError ? error : inferenceFailed('The detector cannot be opened', error)
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
