import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'
import { MOUNTS } from './namespaces.ts'
import { lives, processTree } from './process-tree.ts'

export interface AgentProcessOptions {
  /** As it would stand in the YAML file; http.port 0 takes a free one. */
  readonly config: Record<string, unknown>
  readonly env?: NodeJS.ProcessEnv
  /** The program to start instead of `headcount run`; gets `--config FILE`. */
  readonly entry?: URL
  /** Keep this runtime folder instead of one of its own. */
  readonly runtimeDir?: string
  /** Keep this state folder (token, changes made at run time) instead of one of its own. */
  readonly stateDir?: string
  /** Mount a memory file system of this size there, which only the agent sees: works where `canMount()`. */
  readonly runtimeBytes?: number
}

const MOUNT_AND_RUN = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'

/** The caller's environment without what would configure the agent or its NPU. */
function plainEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HEADCOUNT|HAILORT)_/.test(name)))
}

/** A real agent with its children, on folders and a port of its own. */
export class AgentProcess implements AsyncDisposable {
  readonly process: ChildProcess
  readonly dir: string
  readonly runtimeDir: string
  readonly #log: string[] = []
  #url = ''
  #token = ''

  private constructor(process: ChildProcess, dir: string, runtimeDir: string) {
    this.process = process
    this.dir = dir
    this.runtimeDir = runtimeDir
    process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#log.push(text))
    process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#log.push(text))
  }

  /** Starts it and waits until it serves HTTP. */
  static async start(options: AgentProcessOptions): Promise<AgentProcess> {
    const agent = await AgentProcess.spawn(options)
    try {
      await eventually(() => agent.#url !== '' || agent.#findUrl(), {
        what: 'the agent serves HTTP',
        withinMs: 60_000,
        log: () => agent.log,
      })
    } catch (error) {
      await agent[Symbol.asyncDispose]()
      throw error
    }
    agent.#token = (await readFile(join(options.stateDir ?? join(agent.dir, 'state'), 'token'), 'utf8')).trim()
    return agent
  }

  /** Starts it and waits for nothing: for agents that are meant to refuse. */
  static async spawn({ config, env = {}, entry, runtimeDir, stateDir, runtimeBytes }: AgentProcessOptions): Promise<AgentProcess> {
    const dir = await mkdtemp(join(tmpdir(), 'headcount-test-'))
    const file = join(dir, 'config.yaml')
    // JSON is YAML.
    await writeFile(file, JSON.stringify({ http: { host: '127.0.0.1', port: 0 }, ...config }))
    const main = fileURLToPath(entry ?? new URL('../../agent/main.js', import.meta.url))
    const runtime = runtimeDir ?? (await mkdtemp('/dev/shm/headcount-test-'))
    const command = [process.execPath, main, ...(entry ? [] : ['run']), '--config', file]
    const wrapped =
      runtimeBytes === undefined ? command : ['unshare', MOUNTS, 'sh', '-c', MOUNT_AND_RUN, 'sh', String(runtimeBytes), runtime, ...command]
    const child = spawn(wrapped[0] ?? '', wrapped.slice(1), {
      env: {
        ...plainEnv(),
        HEADCOUNT_TEST: '1',
        HEADCOUNT_RUNTIME_DIR: runtime,
        HEADCOUNT_STATE_DIR: stateDir ?? join(dir, 'state'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new AgentProcess(child, dir, runtime)
  }

  get pid(): number {
    return this.process.pid ?? 0
  }

  /** Everything it has said. */
  get log(): string {
    return this.#log.join('')
  }

  get url(): string {
    return this.#url
  }

  get token(): string {
    return this.#token
  }

  #findUrl(): boolean {
    this.#url = this.log.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0] ?? ''
    if (this.process.exitCode !== null) throw new Error(`the agent ended with ${this.process.exitCode}:\n${this.log}`)
    return this.#url !== ''
  }

  async get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.#url + path, {
      ...init,
      headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${this.#token}` },
    })
  }

  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    return (await (await this.get(path, init)).json()) as T
  }

  /** Resolves with how it ended. */
  async exited(): Promise<number | NodeJS.Signals | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit')
    return this.process.exitCode ?? this.process.signalCode
  }

  /** SIGTERM, then SIGKILL after 8 s; removes its folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    const tree = processTree(this.pid)
    this.process.kill('SIGTERM')
    const limit = setTimeout(() => this.process.kill('SIGKILL'), 8_000)
    await this.exited()
    clearTimeout(limit)
    await eventually(() => !tree.some(lives), { what: 'the processes of the agent are gone' })
    await rm(this.dir, { recursive: true, force: true })
    await rm(this.runtimeDir, { recursive: true, force: true })
  }
}
