import type { z } from 'zod'
import { crossProblems } from './cross-check.ts'
import { expectedText, unitText } from './expected.ts'
import { keysOf, keyText, nearestName, schemaAt, settingPaths } from './keys.ts'
import { maskSecrets } from './secrets.ts'

/** One thing that is wrong with a configuration. */
export interface ConfigFault {
  readonly path: readonly PropertyKey[]
  /** As JSON, secrets masked; null when the key is missing. */
  readonly value: string | null
  readonly problem: string
  readonly remedy: string
}

type Issue = z.core.$ZodIssue

/** What is wrong with `input`, in words for the person who wrote it. */
export function faultsOf(issues: readonly Issue[], input: unknown, root: z.core.$ZodType): ConfigFault[] {
  const found = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey([...issue.path, key], input, root))
      : [valueFault(issue, input, root)],
  )
  // zod leaves out checks between keys when a single key is wrong; all faults are to be reported together.
  const between = crossProblems(input).map((problem) => ({ ...problem, value: shownAt(input, problem.path) }))
  const told = new Set(found.map(faultKey))
  return [...found, ...between.filter((fault) => !told.has(faultKey(fault)))]
}

const faultKey = ({ path, problem }: ConfigFault) => `${keyText(path)} ${problem}`

function unknownKey(path: readonly PropertyKey[], input: unknown, root: z.core.$ZodType): ConfigFault {
  const key = String(path.at(-1))
  const secret = /pass|secret|token/i.test(key)
  const value = secret ? '***' : shown(valueAt(input, path))
  return { path, value, problem: 'is not a key', remedy: unknownKeyRemedy(path.slice(0, -1), key, root) }
}

function unknownKeyRemedy(group: readonly PropertyKey[], key: string, root: z.core.$ZodType): string {
  const known = keysOf(schemaAt(root, group))
  if (/^pass(word)?$|^pwd$/i.test(key)) return 'Write the password into a file and name that file in passwordFile.'
  const meant = nearestName(key, known)
  if (meant) return `Did you mean "${meant}"?`
  const elsewhere = settingPaths(root).find((path) => path.at(-1) === key)
  if (elsewhere) return `Move it: the key is "${elsewhere.join('.')}".`
  if (group.length === 0 && keysOf(schemaAt(root, ['streams', 0])).includes(key)) return `Move it into an entry of "streams".`
  return `Remove it; known here: ${known.join(', ')}.`
}

function valueFault(issue: Issue, input: unknown, root: z.core.$ZodType): ConfigFault {
  const value = valueAt(input, issue.path)
  const base = { path: issue.path, value: shownAt(input, issue.path) }
  if (issue.code === 'custom') return { ...base, problem: issue.message, remedy: String(issue.params?.['remedy']) }
  const schema = schemaAt(root, issue.path)
  const expected = [schema ? expectedText(schema) : 'another value', unitText(issue.path.at(-1))].filter(Boolean).join(', ')
  return { ...base, ...wording(issue, value, expected) }
}

function wording(issue: Issue, value: unknown, expected: string): { problem: string; remedy: string } {
  const write = `Write ${expected}.`
  if (value === undefined) return { problem: 'is missing', remedy: write }
  if (typeof value === 'string' && /^-?\d+([.,]\d+)?\s*[a-zµ%]*$/i.test(value) && expected.includes('number')) {
    return { problem: 'is text where a number belongs', remedy: `Write ${expected}: the number alone, without unit and quotes.` }
  }
  switch (issue.code) {
    case 'too_big':
    case 'too_small':
      if (issue.origin === 'number' && isCoordinate(issue.path))
        return { problem: outside(issue), remedy: 'Write fractions 0 to 1 of the picture: divide pixels by its width (x) or height (y).' }
      return { problem: outside(issue), remedy: write }
    case 'not_multiple_of':
      return { problem: `is not a multiple of ${issue.divisor}`, remedy: write }
    case 'invalid_format':
      return { problem: 'does not have the right form', remedy: formatRemedy(issue.path) }
    default:
      return { problem: 'does not fit', remedy: write }
  }
}

function outside(issue: Issue & { code: 'too_big' | 'too_small' }): string {
  const limit = String(issue.code === 'too_big' ? issue.maximum : issue.minimum)
  const more = issue.code === 'too_big' ? 'more than' : 'less than'
  if (issue.origin === 'array') return `has ${issue.code === 'too_big' ? 'more' : 'fewer'} than ${limit} entries`
  if (issue.origin === 'string') return issue.code === 'too_big' ? `is longer than ${limit} characters` : 'is empty'
  return `is ${more} ${limit}`
}

function isCoordinate(path: readonly PropertyKey[]): boolean {
  return typeof path.at(-1) === 'number' && path.some((step) => ['polygon', 'exclude', 'masks', 'from', 'to'].includes(String(step)))
}

function formatRemedy(path: readonly PropertyKey[]): string {
  return path.includes('entrances') ? 'Write it as STREAM/LINE.' : 'Write topic levels without spaces, "#", "+" or "$", separated by "/".'
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    input,
  )
}

function shownAt(input: unknown, path: readonly PropertyKey[]): string | null {
  const value = valueAt(input, path)
  return value === undefined ? null : shown(value)
}

function shown(value: unknown): string {
  const text = maskSecrets(JSON.stringify(value) ?? String(value))
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** One line: key, value, what is wrong, what to do. */
export function faultText({ path, value, problem, remedy }: ConfigFault, from: string): string {
  const key = keyText(path) || 'the whole'
  return value === null ? `${key} ${problem}. ${remedy}` : `${key}: ${value}${from} ${problem}. ${remedy}`
}
