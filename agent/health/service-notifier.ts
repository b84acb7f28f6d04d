import { readFileSync } from 'node:fs'
import type { Log } from '../log.ts'
import { monotonicMs } from '../ring/monotonic.ts'
import type { ServiceFacts } from './service-facts.ts'
import { isReady, isStuck, noProgress, stepProgress } from './service-state.ts'
import { statusLine } from './service-status.ts'
import { SystemdNotify, takeNotifyAddress } from './systemd-notify.ts'

export interface ServiceNotifierOptions {
  readonly log: Log
  /** The agent ends. */
  readonly ending: AbortSignal
  /** Loses systemd's variables: open the notifier before any child is started. Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv
  /** A steady clock in milliseconds. */
  readonly now?: () => number
  readonly lookMs?: number
}

const LOOK_MS = 1_000
const STATUS_EVERY_MS = 5_000
/** Each look of a start allows this much more; a start that takes longer than the limit is ended by systemd. */
const START_STEP_MS = 15_000
const START_LIMIT_MS = 180_000

/**
 * Tells systemd how the service does: that it starts, is ready, lives, ends, and what it is at. It says that it lives only while frames or a
 * known fault make progress, so that systemd restarts an agent that hangs without having died. Does nothing where no systemd listens.
 */
export class ServiceNotifier implements Disposable {
  readonly #log: Log
  readonly #ending: AbortSignal
  readonly #notify: SystemdNotify | null
  readonly #timers: NodeJS.Timeout[] = []
  readonly #now: () => number
  readonly #openedMs: number
  #facts: (() => ServiceFacts) | null = null
  #watchedMs = 0
  #ready = false
  #stuck = false
  #progress = noProgress
  #status = ''
  #statusMs = -Infinity
  readonly #stop = () => this.#say({ STOPPING: '1', STATUS: 'ending' })

  constructor({ log, ending, env = process.env, now = monotonicMs, lookMs = LOOK_MS }: ServiceNotifierOptions) {
    this.#log = log
    this.#ending = ending
    this.#now = now
    this.#openedMs = now()
    const address = takeNotifyAddress(env)
    this.#notify = address && SystemdNotify.open(address.socket)
    if (this.#notify === null) return
    ending.addEventListener('abort', this.#stop, { once: true })
    this.#timers.push(setInterval(() => this.#look(), lookMs))
    const watchdogMs = address?.watchdogMs ?? null
    if (watchdogMs !== null) this.#timers.push(setInterval(() => this.#live(), watchdogMs / 2))
    this.#look()
  }

  /** From now on the service is what `facts` say. Call it once, when the streams are started. */
  watch(facts: () => ServiceFacts): void {
    this.#facts = facts
    this.#watchedMs = this.#now()
    this.#look()
  }

  #look(): void {
    if (this.#notify === null || this.#ending.aborted) return
    const nowMs = this.#now()
    const facts = this.#facts?.() ?? null
    if (facts === null) {
      if (nowMs - this.#openedMs < START_LIMIT_MS) this.#say({ EXTEND_TIMEOUT_USEC: String(START_STEP_MS * 1_000) })
      this.#tell('starting', nowMs)
      return
    }
    this.#judge(facts, nowMs)
    if (!this.#ready && isReady(facts, nowMs - this.#watchedMs)) {
      this.#ready = this.#say({ READY: '1' })
      this.#statusMs = -Infinity
    }
    this.#tell(`${this.#stuck ? 'stuck, waiting for a restart; ' : ''}${statusLine(facts)}`, nowMs)
  }

  #judge(facts: ServiceFacts, nowMs: number): void {
    // Asked only when it matters: the streams wait, and nothing was done since the last look.
    const held = this.#progress.idleMs > 0 && facts.engine.pids.some(isHeld)
    this.#progress = stepProgress(this.#progress, facts, { nowMs, held })
    const stuck = isStuck(this.#progress, facts)
    if (stuck && !this.#stuck) {
      this.#log.error(
        `Nothing was detected for ${Math.round(this.#progress.idleMs / 1_000)} s and nothing is done about it: systemd is to restart headcount`,
      )
    }
    this.#stuck = stuck
  }

  /** It is our event loop that gets here. */
  #live(): void {
    if (!this.#stuck) this.#say({ WATCHDOG: '1' })
  }

  /** On change, and not more often than a person can read. */
  #tell(status: string, nowMs: number): void {
    if (status === this.#status || nowMs - this.#statusMs < STATUS_EVERY_MS) return
    if (this.#say({ STATUS: status })) this.#status = status
    this.#statusMs = nowMs
  }

  #say(assignments: Readonly<Record<string, string>>): boolean {
    return this.#notify?.send(assignments) ?? false
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#ending.removeEventListener('abort', this.#stop)
    if (!this.#ending.aborted) this.#stop()
    this.#notify?.[Symbol.dispose]()
  }
}

/** In a sleep that no signal ends (proc(5), state D): a driver has it. /proc answers at once, whatever the process is in. */
function isHeld(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('D')
  } catch (_) {
    return false // It is gone.
  }
}
