import { fstatSync } from 'node:fs'
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

/** A log that remembers. */
export interface KeptLog extends Log {
  /** The newest lines that were written, oldest first, masked, each with its time (ISO 8601) in front: at most 500. */
  logLines(): readonly string[]
}

export interface LogOptions {
  readonly level: LogLevel
  /** Where lines go; the default is stderr, since stdout belongs to machine output. */
  readonly write?: (line: string) => void
  /** Under journald: syslog priorities in front of each line, see sd-daemon(3). Default: whether stderr goes to the journal. */
  readonly journal?: boolean
}

/**
 * Writes a line that another process of ours has printed, masked, whatever the level of the log. It is not remembered: what others print
 * must not push out what the log says. False: whoever reads our stderr is too slow, and the line is left out.
 */
export type Print = (level: LogLevel, line: string) => boolean

export type PrintOptions = Omit<LogOptions, 'level'> & {
  /** How much was written and not read yet; the default is what is known of stderr. */
  readonly unreadBytes?: () => number
}

const PRIORITIES: Readonly<Record<string, string>> = { ERROR: '<3>', WARN: '<4>', INFO: '<6>', DEBUG: '<7>' }
const KEPT_LINES = 500
/** A line that is kept is never longer: whatever is logged, memory has an end. */
const KEPT_CHARACTERS = 2_000
/** What waits for a reader that is slow waits in memory. */
const MOST_UNREAD_BYTES = 1_048_576
const STDERR = 2

/** Opens the log: `LEVEL message key=value`, one line each. The time is journald's to add. */
export function openLog({ level, write = toStderr, journal = goesToJournal(process.env['JOURNAL_STREAM']) }: LogOptions): KeptLog {
  const kept: string[] = []
  const tell = (json: string): void => {
    const fields = JSON.parse(json) as Record<string, unknown>
    const line = logLine(fields)
    write(`${journal ? (PRIORITIES[String(fields['level'])] ?? '') : ''}${line}\n`)
    kept.push(`${new Date().toISOString()} ${line.slice(0, KEPT_CHARACTERS)}`)
    if (kept.length > KEPT_LINES) kept.shift()
  }
  const options = { level, base: null, timestamp: false, formatters: { level: (label: string) => ({ level: label.toUpperCase() }) } }
  const lines = pino(options, { write: tell })
  const at =
    (name: LogLevel) =>
    (message: string, fields: Fields = {}) =>
      lines[name]({ fields }, message)
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), logLines: () => [...kept] }
}

/** For what other processes print, beside a log. */
export function openPrint(options: PrintOptions = {}): Print {
  const { write = toStderr, journal = goesToJournal(process.env['JOURNAL_STREAM']) } = options
  const { unreadBytes = () => process.stderr.writableLength } = options
  return (level, line) => {
    if (unreadBytes() > MOST_UNREAD_BYTES) return false
    const name = level.toUpperCase()
    write(`${journal ? (PRIORITIES[name] ?? '') : ''}${namedLine(name, maskSecrets(line))}\n`)
    return true
  }
}

/**
 * Whether a file of this process is the journal's stream: JOURNAL_STREAM holds its device and inode (systemd.exec(5)). The variable alone
 * says nothing: a shell in a terminal may have inherited it, or our output may have been redirected.
 */
export function goesToJournal(stream: string | undefined, fd = STDERR): boolean {
  const [, device, inode] = /^(\d+):(\d+)$/.exec(stream ?? '') ?? []
  if (device === undefined || inode === undefined) return false
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true })
    return dev === BigInt(device) && ino === BigInt(inode)
  } catch (_) {
    return false // Closed: nothing goes anywhere.
  }
}

/** What a process says of the failure that ends it: as it is on a terminal, one line with its priority in the journal; masked in both. */
export function lastWords(message: string, journal = goesToJournal(process.env['JOURNAL_STREAM'])): string {
  const masked = maskSecrets(message)
  return journal ? `${PRIORITIES['ERROR']}ERROR ${masked.trim().replace(/\s*\n\s*/g, ' | ')}\n` : `${masked}\n`
}

function logLine({ level, msg, fields }: Record<string, unknown>): string {
  const pairs = Object.entries((fields ?? {}) as Fields).map(([key, value]) => ` ${key}=${shown(value)}`)
  // Masked while lines are still lines: what is secret up to the end of one must not take the rest along.
  const text = maskSecrets(`${String(msg)}${pairs.join('')}`)
  return namedLine(String(level), text)
}

/** No text can make a second line of one, or move the cursor of a terminal. */
function namedLine(level: string, text: string): string {
  return `${level.padEnd(5)} ${text.replaceAll('\n', '\\n').replace(/\p{Cc}/gu, '?')}`
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

function toStderr(line: string): void {
  // A reader of our log that is gone (EPIPE) must not end the service; main.ts listens to the stream's errors.
  process.stderr.write(line)
}
