import { once } from 'node:events'
import { Hono } from 'hono'
import type { Finding } from '../doctor/finding.ts'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import type { AgentView } from './agent-view.ts'

const LONGEST_MS = 60_000

/**
 * `GET /api/doctor`: the findings of `headcount doctor --json`. Who asks while the checks run gets the same answer. When the agent ends,
 * so do they.
 */
export function doctorRoutes(view: AgentView, ending: AbortSignal, longestMs = LONGEST_MS): Hono<HttpEnv> {
  const round = new DoctorRound(view, ending, longestMs)
  const routes = new Hono<HttpEnv>()
  routes.get('/api/doctor', async (c) => {
    const findings = await round.findings()
    return c.json({ ok: !findings.some(({ severity }) => severity === 'failed'), findings })
  })
  return routes
}

/** The checks, one round at a time: they start programs and open devices. */
class DoctorRound {
  readonly #view: AgentView
  readonly #ending: AbortSignal
  readonly #longestMs: number
  #running: Promise<readonly Finding[]> | null = null

  constructor(view: AgentView, ending: AbortSignal, longestMs: number) {
    this.#view = view
    this.#ending = ending
    this.#longestMs = longestMs
  }

  /** Throws DOCTOR_SILENT when the checks take too long, and at once for as long as they hang after that. */
  findings(): Promise<readonly Finding[]> {
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<readonly Finding[]> {
    const limit = AbortSignal.any([this.#ending, AbortSignal.timeout(this.#longestMs)])
    const checks = this.#view.doctor(limit)
    const over = () => {
      this.#running = null
    }
    checks.then(over, over)
    const late = once(limit, 'abort').then(() => null)
    const findings = await Promise.race([checks, late]).catch((error: unknown) => {
      if (limit.aborted) return null
      throw error
    })
    if (findings !== null) return findings
    throw new AgentError('DOCTOR_SILENT', `The checks have not ended within ${this.#longestMs / 1_000} s.`, {
      remedy: 'Look at the kernel’s log (dmesg) and restart the device: something in it does not answer.',
    })
  }
}
