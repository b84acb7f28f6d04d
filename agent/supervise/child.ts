import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a process went. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildOptions<Report> {
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** How long the child may take to end by itself before SIGKILL. */
  readonly graceMs?: number
  readonly onReport: (report: Report) => void
}

const DEFAULT_GRACE_MS = 2_000

/**
 * A child process that cannot outlive its scope: leaving the scope asks it to stop, then makes it.
 * Spawn on the main thread only: the parent-death signal of the child is bound to the thread that made it.
 */
export class Child<Order extends object, Report> implements AsyncDisposable {
  /** null: the kernel gave us no process. */
  readonly #process: ChildProcess | null
  readonly #graceMs: number
  /** Resolves when the process is gone, however it went. */
  readonly exited: Promise<Exit>

  constructor(entry: URL, { args = [], env = process.env, graceMs = DEFAULT_GRACE_MS, onReport }: ChildOptions<Report>) {
    this.#graceMs = graceMs
    const child = tryFork(fileURLToPath(entry), args, env)
    this.#process = child
    this.exited = new Promise((resolve) => {
      if (child === null) return resolve({ code: null, signal: null })
      child.once('exit', (code, signal) => resolve({ code, signal }))
      // Failed to spawn at all (no descriptors): there will be no 'exit'.
      child.once('error', () => {
        if (child.pid === undefined) resolve({ code: null, signal: null })
      })
    })
    child?.on('message', (report) => onReport(report as Report))
  }

  get pid(): number | null {
    return this.#process?.pid ?? null
  }

  /** Sends an order; silently dropped when the child is gone, which `exited` tells. */
  send(order: Order): void {
    if (this.#process?.connected) this.#process.send(order, () => undefined)
  }

  /** Ends the child at once, whatever it is in. */
  kill(): void {
    this.#process?.kill('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), this.#graceMs)
    await this.exited
    clearTimeout(limit)
  }
}

function tryFork(file: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess | null {
  try {
    // Standard output belongs to the machine-readable output of the command: what a child prints goes to standard error.
    return fork(file, [...args], { execArgv: [], env, serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] })
  } catch (error) {
    // Some shortages throw, others are an 'error' event; both are an end that comes back with a rest.
    if (error instanceof Error && 'syscall' in error) return null
    throw error
  }
}
