import { pino } from 'pino'
import { maskSecrets } from './config/secrets.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

type Fields = Readonly<Record<string, unknown>>

/** The log of one process. Passwords in URLs and tokens are masked, whoever hands them in. */
export interface Log {
  error(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  debug(message: string, fields?: Fields): void
}

export interface LogOptions {
  readonly level: LogLevel
  /** Where lines go; the default is stderr, since stdout belongs to machine output. */
  readonly write?: (line: string) => void
  /** Under journald: syslog priorities in front of each line, see sd-daemon(3). */
  readonly journal?: boolean
}

const PRIORITIES: Readonly<Record<string, string>> = { ERROR: '<3>', WARN: '<4>', INFO: '<6>', DEBUG: '<7>' }

/** Opens the log: `LEVEL message key=value`, one line each. The time is journald's to add. */
export function openLog({ level, write = toStderr, journal = process.env['JOURNAL_STREAM'] !== undefined }: LogOptions): Log {
  const lines = pino(
    { level, base: null, timestamp: false, formatters: { level: (label) => ({ level: label.toUpperCase() }) } },
    {
      write: (json: string) => write(`${logLine(JSON.parse(json) as Record<string, unknown>, journal)}\n`),
    },
  )
  const at =
    (name: LogLevel) =>
    (message: string, fields: Fields = {}) =>
      lines[name]({ fields }, message)
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}

function logLine({ level, msg, fields }: Record<string, unknown>, journal: boolean): string {
  const pairs = Object.entries((fields ?? {}) as Fields).map(([key, value]) => ` ${key}=${shown(value)}`)
  const text = `${String(msg)}${pairs.join('')}`.replaceAll('\n', '\\n').replace(/\p{Cc}/gu, '?')
  return `${journal ? (PRIORITIES[String(level)] ?? '') : ''}${String(level).padEnd(5)} ${maskSecrets(text)}`
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

function toStderr(line: string): void {
  // A reader of our log that is gone (EPIPE) must not end the service; main.ts listens to the stream's errors.
  process.stderr.write(line)
}
