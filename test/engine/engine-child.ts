import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Backend, DetectorOrder, EngineOrder, EngineReport, FrameReport } from '../../agent/engine/messages.ts'
import { defaultOrder } from '../support/default-order.ts'
import { eventually } from '../support/eventually.ts'
import { ENGINE_BELL, type RingsForTest } from './rings-for-test.ts'

export const ENGINE_ENTRY = fileURLToPath(new URL('../../agent/engine/child.js', import.meta.url))

/** The order that starts a real engine on the rings of a test. */
export function startOrder(
  doorbellsPath: string,
  backend: Backend,
  { parentPid = process.pid, ...detector }: Partial<DetectorOrder> & { readonly parentPid?: number } = {},
): EngineOrder {
  return {
    type: 'start',
    detector: defaultOrder(backend, { maxBatch: 8, ...detector }),
    doorbellsPath,
    doorbell: ENGINE_BELL,
    parentPid,
  }
}

/** A real engine process and everything it said. */
export class EngineChild implements AsyncDisposable {
  readonly process: ChildProcess
  readonly reports: EngineReport[] = []

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.process = fork(ENGINE_ENTRY, [], {
      env: { ...process.env, ...env },
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.process.on('message', (report) => this.reports.push(report as EngineReport))
    this.process.on('error', () => undefined)
  }

  /** Starts one and waits until it is ready. */
  static async start(rings: RingsForTest, backend: Backend = 'null:5'): Promise<EngineChild> {
    const child = new EngineChild()
    child.send(startOrder(rings.doorbellsPath, backend))
    await child.said('ready')
    return child
  }

  send(order: unknown): void {
    this.process.send(order as object)
  }

  attach(rings: RingsForTest, stream: string, more: { detectFps?: number; weight?: number } = {}): void {
    this.send({ type: 'attach', stream, ringPath: rings.pathOf(stream), detectFps: 1_000, weight: 1, ...more })
  }

  /** Waits for a report of this type. */
  async said<T extends EngineReport['type']>(type: T): Promise<Extract<EngineReport, { type: T }>> {
    const found = await eventually(() => this.reports.find((report) => report.type === type) ?? this.#gone, {
      what: `the engine says ${type}`,
      withinMs: 60_000,
    })
    if (found === true) throw new Error(`the engine ended before it said ${type}`)
    return found as Extract<EngineReport, { type: T }>
  }

  frames(stream: string): FrameReport[] {
    return this.reports.flatMap((report) => (report.type === 'results' ? report.frames.filter((frame) => frame.stream === stream) : []))
  }

  get #gone(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  /** How it went, once it has. */
  async exited(): Promise<number | NodeJS.Signals | null> {
    if (!this.#gone) await once(this.process, 'exit')
    return this.process.exitCode ?? this.process.signalCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL')
    await this.exited()
  }
}
