import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AgentError } from '../errors.ts'
import { freePort } from './free-port.ts'

export interface BrokerOptions {
  /** A folder of ours for its configuration; removed by whoever made it. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Where programs lie beyond the PATH. */
  readonly systemFolders?: readonly string[]
  readonly signal: AbortSignal
}

/** Debian keeps mosquitto in /usr/sbin, which is not in the PATH of ordinary users. */
const SBIN = ['/usr/local/sbin', '/usr/sbin']

const TRIES = 5
const START_MS = 10_000
const GOODBYE_MS = 1_500

/** A mosquitto of our own on a free port of this machine's loopback. It dies with this process, however this process goes. */
export class DemoBroker implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly port: number
  /** Resolves when it is gone. */
  readonly exited: Promise<void>

  private constructor(process: ChildProcess, port: number, exited: Promise<void>) {
    this.#process = process
    this.port = port
    this.exited = exited
  }

  /** Starts it and waits until it takes connections. Throws BROKER_MISSING, BROKER_UNREACHABLE. */
  static async start({ folder, env, systemFolders = SBIN, signal }: BrokerOptions): Promise<DemoBroker> {
    const program = await findMosquitto([...(env['PATH'] ?? '').split(':'), ...systemFolders])
    const complaints: string[] = []
    // Between finding a free port and mosquitto taking it, somebody else may have taken it.
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const port = await freePort()
      const broker = await DemoBroker.#launch(program, await writeConfig(folder, port), { port, env, complaints })
      if (await broker.#answers(signal)) return broker
      await broker[Symbol.asyncDispose]()
      signal.throwIfAborted()
    }
    throw new AgentError('BROKER_UNREACHABLE', `The demo's own mosquitto does not start: ${complaints.join('').trim()}.`, {
      remedy: `Try "${program} -p 18830 -v" by hand; it says what is wrong.`,
    })
  }

  static async #launch(
    program: string,
    configPath: string,
    { port, env, complaints }: { port: number; env: NodeJS.ProcessEnv; complaints: string[] },
  ): Promise<DemoBroker> {
    // A session of its own: Ctrl-C must reach it through us, after the agent has said goodbye. setpriv ties it to our life.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, '-c', configPath], {
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
    const exited = once(child, 'exit').then(
      () => undefined,
      (error: unknown) => void complaints.push(String(error)),
    )
    return new DemoBroker(child, port, exited)
  }

  get pid(): number | null {
    return this.#process.pid ?? null
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  get #alive(): boolean {
    return this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  async #answers(signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + START_MS
    while (this.#alive && performance.now() < until && !signal.aborted) {
      if (await accepts(this.port)) return this.#alive
      await sleep(30)
    }
    return false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#alive) return
    this.#process.kill('SIGTERM')
    const limit = setTimeout(() => this.#process.kill('SIGKILL'), GOODBYE_MS)
    await this.exited
    clearTimeout(limit)
  }
}

async function findMosquitto(folders: readonly string[]): Promise<string> {
  for (const folder of folders.filter((name) => name !== '')) {
    const path = join(folder, 'mosquitto')
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  throw new AgentError('BROKER_MISSING', 'The demo needs the program mosquitto, which is not installed.', {
    remedy: 'Run "./install.sh --prepare", or "sudo apt-get install mosquitto".',
  })
}

async function writeConfig(folder: string, port: number): Promise<string> {
  const path = join(folder, 'mosquitto.conf')
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', 'log_dest stderr', 'log_type error']
  // Started by root it would become the user `mosquitto`, which undoes the tie to our life.
  if (process.getuid?.() === 0) lines.push('user root')
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  return path
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy())
}
