import type { Log, LogLevel } from './log.ts'
import { LogLimit, type LogLimitOptions } from './log-limit.ts'

/** A person who sends commands sees each; a program that floods us writes no more than a line or so in ten seconds. */
const LIMIT: LogLimitOptions = { burst: 20, everyMs: 10_000 }
const TELL_AFTER_MS = 60_000

export interface LimitedLogOptions {
  readonly log: Log
  /** What the lines are about, as in "3 more lines about … were not logged". */
  readonly about: string
  readonly limit?: LogLimitOptions
  readonly tellAfterMs?: number
  /** Any steady clock. */
  readonly nowMs?: () => number
}

/** For lines that somebody outside can cause as often as he likes: some are written, of the others how many there were. */
export class LimitedLog implements Log, Disposable {
  readonly #options: LimitedLogOptions
  readonly #limit: LogLimit
  #unsaid = 0
  #telling: NodeJS.Timeout | null = null

  constructor(options: LimitedLogOptions) {
    this.#options = options
    this.#limit = new LogLimit(options.limit ?? LIMIT)
  }

  error(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#write('error', message, fields)
  }

  warn(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#write('warn', message, fields)
  }

  info(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#write('info', message, fields)
  }

  debug(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#write('debug', message, fields)
  }

  /** Tells what is still to be told. */
  [Symbol.dispose](): void {
    this.#tell()
  }

  #write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    const { log, nowMs = () => performance.now(), tellAfterMs = TELL_AFTER_MS } = this.#options
    if (this.#limit.allows(nowMs())) {
      log[level](message, fields)
      return
    }
    this.#unsaid++
    this.#telling ??= setTimeout(() => this.#tell(), tellAfterMs).unref()
  }

  #tell(): void {
    clearTimeout(this.#telling ?? undefined)
    this.#telling = null
    if (this.#unsaid === 0) return
    const { log, about } = this.#options
    log.warn(this.#unsaid === 1 ? `1 more line about ${about} was not logged` : `${this.#unsaid} more lines about ${about} were not logged`)
    this.#unsaid = 0
  }
}
