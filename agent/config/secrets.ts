import { readFile } from 'node:fs/promises'
import { AgentError } from '../errors.ts'

/** Names that a secret goes by, before `=` or as a JSON key. `passwordFile` is none: it names a file. */
const NAMES = '(?:password|passwd|passphrase|pwd|user-pw|secret|token|api[_-]?key)'
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, '***'],
  [/([?&;](?:token|key|password|passwd|pwd|pass|secret|auth)=)[^&\s"'<>]+/gi, '$1***'],
  // GStreamer writes the type of a value before it: user-pw=(string)"a b".
  [new RegExp(`(${NAMES}=(?:\\(\\w{1,30}\\))?)(?:"[^"]*"|'[^']*'|[^\\s&,;"'<>]+)`, 'gi'), '$1***'],
  // JSON in a string of JSON has its quotes escaped.
  [new RegExp(`(${NAMES}\\\\?"\\s*:\\s*\\\\?")(?:[^"\\\\]|\\\\[^"])*`, 'gi'), '$1***'],
  [/\b(Bearer|Basic) [A-Za-z0-9+/=._~-]+/g, '$1 ***'],
  [/\b(Digest) [a-z]+=[^\n]*/gi, '$1 ***'],
  [/\b(authorization["']?\s*[:=]\s*["']?)(?!(?:Bearer|Basic|Digest) )[^\s"']+/gi, '$1***'],
  [/\b(cookie["']?\s*[:=]\s*)[^\n]+/gi, '$1***'],
]

/** The text without passwords in URLs and without tokens in queries, headers and fields. Masks rather too much than too little. */
export function maskSecrets(text: string): string {
  const withoutLogins = text.replace(/\S+/g, (word) => (word.includes('://') ? maskLogin(word) : word))
  return MASKS.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), withoutLogins)
}

/** Up to its last `@`, so that one match takes all: strangers choose what is logged, and must not choose how long that takes. */
function maskLogin(word: string): string {
  const end = word.lastIndexOf('@') + 1
  return word.slice(0, end).replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s:@/]*):\S*@$/i, '$1$2:***@') + word.slice(end)
}

/** The secret in a file, without the line break that editors put at its end. */
export async function readSecret(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new AgentError('CONFIG_UNREADABLE', `Cannot read the password file ${path} (${reason}).`, {
      remedy: 'Create it with the password alone in it, readable by the user headcount runs as.',
      cause,
    })
  })
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '' || secret.length > 4_096 || /[\r\n\0]/.test(secret)) {
    throw new AgentError('CONFIG_UNREADABLE', `The password file ${path} does not hold one line of text.`, {
      remedy: 'Write the password alone into it, on one line.',
    })
  }
  return secret
}
