import { readFile } from 'node:fs/promises'
import { AgentError } from '../errors.ts'

/** The text without passwords in URLs and without tokens in queries or headers. Masks rather too much than too little. */
export function maskSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)([^\s:@/]*):[^\s]*@/gi, '$1$2:***@')
    .replace(/([?&;](?:token|key|password|passwd|pwd|pass|secret|auth)=)[^&\s"'<>]+/gi, '$1***')
    .replace(/\b(Bearer|Basic) [A-Za-z0-9+/=._~-]+/g, '$1 ***')
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
