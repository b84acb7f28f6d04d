import type { Finding, Severity } from './finding.ts'

const WIDTH = 100
const CHECK_COLUMN = 9
/** Two blanks behind the longest name of a check, home-assistant. */
const TEXT_COLUMN = 25
const NAMES: Readonly<Record<Severity, string>> = { ok: 'ok', note: 'note', warning: 'warning', failed: 'FAILED' }

/** The findings for a person: one paragraph each, then the sum. */
export function reportText(findings: readonly Finding[]): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  const failed = count('failed')
  const warnings = count('warning')
  const sum = [failed > 0 ? `${failed} failed` : '', warnings > 0 ? `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}` : '']
  const last = sum.filter(Boolean).join(', ')
  return `${findings.map(paragraph).join('\n')}\n${last === '' ? 'Nothing is wrong.' : `${last}.`}\n`
}

function paragraph({ check, severity, what, why, remedy }: Finding): string {
  const [first = '', ...more] = [what, why, remedy === null ? null : `→ ${remedy}`].flatMap((text) => (text === null ? [] : wrapped(text)))
  const head = `${NAMES[severity].padEnd(CHECK_COLUMN)}${check.padEnd(TEXT_COLUMN - CHECK_COLUMN)}`
  return [`${head}${first}\n`, ...more.map((line) => `${' '.repeat(TEXT_COLUMN)}${line}\n`)].join('')
}

/** Lines between words; a word that is too long stays whole, so that a path can be copied. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - TEXT_COLUMN) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
