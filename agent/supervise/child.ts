import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ChildOutput, type ChildOutputOptions } from './child-output.ts'

/** How a process went. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildOptions<Report> extends ChildOutputOptions {
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** How long the child may take to end by itself before SIGKILL. */
  readonly graceMs?: number
  readonly onReport: (report: Report) => void
}

const DEFAULT_GRACE_MS = 2_000
/** What a process has printed can be read when it is gone, unless it has passed the other end on to somebody who lives. */
const LAST_WORDS_MS = 500

/**
 * A child process that cannot outlive its scope: leaving the scope asks it to stop, then makes it.
 * Spawn on the main thread only: the parent-death signal of the child is bound to the thread that made it.
 */
export class Child<Order extends object, Report> implements AsyncDisposable {
  /** null: the kernel gave us no process. */
  readonly #process: ChildProcess | null
  readonly #graceMs: number
  /** Resolves when the process is gone, however it went, and what it printed is said. */
  readonly exited: Promise<Exit>

  constructor(entry: URL, options: ChildOptions<Report>) {
    const { args = [], env = process.env, graceMs = DEFAULT_GRACE_MS, onReport } = options
    this.#graceMs = graceMs
    const child = tryFork(fileURLToPath(entry), args, env)
    this.#process = child
    this.exited = new Promise((resolve) => {
      if (child === null) return resolve({ code: null, signal: null })
      // Without a process there are no pipes either.
      const output = new ChildOutput(
        [child.stdout, child.stderr].filter((stream) => stream != null),
        options,
      )
      child.once('exit', (code, signal) => void output.end(LAST_WORDS_MS).then(() => resolve({ code, signal })))
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
    if (child?.pid === undefined) return
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), this.#graceMs)
    await this.exited
    clearTimeout(limit)
  }
}

function tryFork(file: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess | null {
  try {
    // What it prints comes through us, who mask it. None of it goes to standard output: that belongs to the machine-readable output of the command.
    return fork(file, [...args], { execArgv: [], env, serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  } catch (error) {
    // Some shortages throw, others are an 'error' event; both are an end that comes back with a rest.
    if (error instanceof Error && 'syscall' in error) return null
    throw error
  }
}
