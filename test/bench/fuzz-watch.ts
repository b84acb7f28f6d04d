import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentProcess } from '../support/agent-process.ts'
import { anonymousMb, processTree } from '../support/process-tree.ts'
import { MARK } from './fuzz-dice.ts'

/** What is looked at while an agent is fuzzed. */
export interface Watched {
  /** The longest that `GET /health` took, in milliseconds. */
  readonly slowestHealthMs: number
  /** The most processes at one time, the agent itself among them. */
  readonly mostProcesses: number
}

const LOOK_MS = 250
const HEALTH_LIMIT_MS = 20_000

/** Asks the agent how it is, again and again, until its scope is left. Throws from `seen` when it did not answer or has ended. */
export class FuzzWatch implements AsyncDisposable {
  readonly #agent: AgentProcess
  readonly #end = new AbortController()
  readonly #running: Promise<void>
  #slowestHealthMs = 0
  #mostProcesses = 0
  #fault: unknown = null

  constructor(agent: AgentProcess) {
    this.#agent = agent
    this.#running = this.#run().catch((error: unknown) => {
      this.#fault = error
    })
  }

  get seen(): Watched {
    if (this.#fault !== null) throw new Error(`the agent does not answer\n${this.#agent.log.slice(-5_000)}`, { cause: this.#fault })
    return { slowestHealthMs: this.#slowestHealthMs, mostProcesses: this.#mostProcesses }
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const startedMs = performance.now()
      const response = await fetch(`${this.#agent.url}/health`, { signal: AbortSignal.timeout(HEALTH_LIMIT_MS) })
      await response.text()
      this.#slowestHealthMs = Math.max(this.#slowestHealthMs, performance.now() - startedMs)
      this.#mostProcesses = Math.max(this.#mostProcesses, processTree(this.#agent.pid).length)
      await sleep(LOOK_MS)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#running
  }
}

/** The agent process: memory of its own in MB, and open files. */
export interface Size {
  readonly mb: number
  readonly descriptors: number
}

const SETTLE_MS = 4_000

/** Its size when it has had a moment to clean up. */
export async function settledSize(agent: AgentProcess): Promise<Size> {
  await sleep(SETTLE_MS)
  return { mb: anonymousMb(agent.pid), descriptors: readdirSync(`/proc/${agent.pid}/fd`).length }
}

/** Files with a fuzzed name, wherever a slip could have put one; and files in the agent's folders that it does not make by itself. */
export function strayFiles(agent: AgentProcess): string[] {
  const cwd = readlinkSync(`/proc/${agent.pid}/cwd`)
  const outside = ['/', '/tmp', '/etc', '/dev/shm', '/root', cwd, join(cwd, '..'), tmpdir(), join(agent.dir, '..')]
  const marked = outside.flatMap((folder) => list(folder).filter((name) => name.includes(MARK)))
  const inside = [agent.dir, agent.runtimeDir].flatMap((folder) => list(folder, true))
  return [...marked, ...inside.filter((name) => !OWN.test(name))]
}

/** Configuration and state, history with its log, the rings of streams and what holds them. */
const OWN =
  /^(config\.yaml|cache(\/gstreamer\.registry[\w.-]*)?|state(\/(token|overrides\.yaml|history(\/[\w.-]+)?|cache|cache\/gstreamer\.registry[\w.-]*))?|lock|doorbells|rings(\/[a-z0-9_.-]+\.ring)?)$/

function list(folder: string, recursive = false): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: 'utf8' })
  } catch {
    return [] // Not there, or not ours to read.
  }
}

/** Lines of the log that tell of a bug. */
export function bugsIn(agent: AgentProcess): string[] {
  return agent.log.split('\n').filter((line) => /nobody foresaw|\bTypeError\b|\bRangeError\b|\bunhandled/i.test(line))
}

/** What README promises for a status: patterns of the codes that may come with it. */
export function documentedCodes(status: number): RegExp {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const row = readme.split('\n').find((line) => line.startsWith(`| ${status} |`)) ?? ''
  const codes = [...row.matchAll(/`([A-Z_]+)(…?)`/g)].map(([, code, more]) => `${code}${more === '' ? '' : '[A-Z_]*'}`)
  return new RegExp(`^(${codes.join('|')})$`)
}
