import type { Log } from '../../agent/log.ts'

/** A log whose lines are kept. */
export interface KeptLog extends Log {
  readonly lines: readonly (readonly [level: string, text: string])[]
  readonly text: string
}

export function keepLog(): KeptLog {
  const lines: [string, string][] = []
  const at = (level: string) => (text: string) => void lines.push([level, text])
  return {
    lines,
    get text() {
      return lines.map((line) => line.join(' ')).join('\n')
    },
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
  }
}
