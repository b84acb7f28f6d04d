import { AgentError } from '../errors.ts'
import type { Finding } from './finding.ts'
import { askProcess } from './probe-process.ts'

export interface InsideQuestion {
  /** The configuration file; null: there is none. */
  readonly file: string | null
  /** The port the agent listens on. */
  readonly port: number
}

/** The last line of the process. `bug`: the stack of what nobody foresaw. */
export type InsideAnswer = { readonly findings: readonly Finding[] } | { readonly bug: string }

const ENTRY = new URL('./inside-child.js', import.meta.url)
/** Above the limits that the checks have themselves. */
const LIMIT_MS = 60_000

/**
 * The checks for the running agent, in a process of their own: a disk that hangs holds that one, not the few threads with which the agent
 * reads files and looks up names. One at a time: as long as the kernel keeps the last one, there is no other.
 */
export class InsideProcess {
  readonly #env: NodeJS.ProcessEnv
  readonly #ask: typeof askProcess
  #busy = false

  constructor(env: NodeJS.ProcessEnv, ask = askProcess) {
    this.#env = env
    this.#ask = ask
  }

  /** Throws DOCTOR_SILENT when the checks do not end, or those before have not. */
  async findings(question: InsideQuestion, signal: AbortSignal): Promise<readonly Finding[]> {
    if (this.#busy) throw silent('The process of the checks before this does not end.')
    const outcome = await this.#ask<InsideAnswer>({
      entry: ENTRY,
      args: [JSON.stringify(question)],
      env: this.#env,
      limitMs: LIMIT_MS,
      signal,
      onStart: (ended) => {
        this.#busy = true
        void ended.then(() => {
          this.#busy = false
        })
      },
    })
    if (outcome.state === 'hung') throw silent(`The checks have not ended within ${LIMIT_MS / 1_000} s.`)
    if (outcome.state === 'died') throw new Error(`The process of the checks ended without an answer (${outcome.how})`)
    if ('bug' in outcome.answer) throw new Error(outcome.answer.bug)
    return outcome.answer.findings
  }
}

function silent(what: string): AgentError {
  return new AgentError('DOCTOR_SILENT', what, {
    remedy: 'Look at the kernel’s log (dmesg) and restart the device: something in it does not answer.',
  })
}
