import { remover, waysToWrite } from '../config/redactor.ts'
import type { LogLevel } from '../log.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
const COLOURS = /\x1b\[[\d;]*m/g
/** A row of a picture of memory: 16 bytes as numbers and as letters. A secret may stand in several of them, where nothing finds it. */
const MEMORY = /\b[0-9a-f]{8}: [0-9a-f]{2} .*$/
/** GStreamer, libcamera and HailoRT, in this order, say the level of a line before they say anything else. */
const LEVEL = /(?:^|\s)(FATAL|ERROR|WARN|FIXME|INFO|DEBUG|LOG|TRACE|MEMDUMP)\s|\[(critical|error|warning|info|debug|trace)\]/
const HEAD_CHARACTERS = 100
const LEVELS: Readonly<Record<string, LogLevel>> = {
  FATAL: 'error',
  CRITICAL: 'error',
  ERROR: 'error',
  FIXME: 'info',
  INFO: 'info',
  DEBUG: 'debug',
  LOG: 'debug',
  TRACE: 'debug',
  MEMDUMP: 'debug',
}

/** Makes text of the bytes of a line, without these secrets; what only looks like a secret is left to the log. */
export function lineReader(secrets: readonly string[]): (bytes: Buffer, cut: boolean) => string {
  const withoutSecrets = remover(secrets)
  const longest = waysToWrite(secrets)[0]?.length ?? 0
  return (bytes, cut) => {
    // Colours first: they may stand in the middle of a word.
    const text = bytes.toString('utf8').replace(COLOURS, '').trimEnd()
    const masked = withoutSecrets(text)
    return `${(cut ? whole(masked, longest) : masked).replace(MEMORY, '***')}${cut ? ' …' : ''}`
  }
}

/** The level that a line says it has; one that says nothing of the kind is unusual (a crash). */
export function levelOf(line: string): LogLevel {
  const [, capital, small] = LEVEL.exec(line.slice(0, HEAD_CHARACTERS)) ?? []
  return LEVELS[capital ?? small?.toUpperCase() ?? ''] ?? 'warn'
}

/** Without the end, where a cut may have gone through a secret: half of one is not found. Whole ones are out already, or this would halve them. */
function whole(text: string, longestSecret: number): string {
  const known = text.slice(0, Math.max(0, text.length - longestSecret))
  return known.slice(0, Math.max(0, known.lastIndexOf(' ')))
}
