import { readFile } from 'node:fs/promises'
import type { Config } from '../config/schema.ts'
import { maskSecrets } from '../config/secrets.ts'
import { secretFiles } from './secret-files.ts'

/** Shorter ones would be found in every word. */
const SHORTEST = 3
const LARGEST_FILE_BYTES = 16_384

/** Every secret that the configuration and the environment lead to, as it is. Files that cannot be read are passed over. */
export async function knownSecrets(config: Config, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const files = await Promise.all([...secretFiles(config).values()].map((path) => readFile(path, 'utf8').catch(() => '')))
  const named = Object.entries(env).filter(([name]) => SECRET_NAME.test(name))
  return [
    // A key is many lines: each of them is to be found.
    ...files.flatMap((text) => text.slice(0, LARGEST_FILE_BYTES).split(/\r?\n/)).filter((line) => !line.startsWith('-----')),
    ...named.map(([, value]) => value ?? ''),
    ...config.streams.flatMap(({ source }) => secretsOfUrl(source)),
  ]
}

/** Variables of the environment that hold a secret. */
export const SECRET_NAME = /PASSWORD|PASSWD|TOKEN|SECRET|_KEY$/i

/** The password in an address, and the values of its query: a camera's may hold a token under any name. */
function secretsOfUrl(source: string): readonly string[] {
  if (!source.includes('://') || !URL.canParse(source)) return []
  const url = new URL(source)
  const raw = /:\/\/[^:@/]*:(.*)@/s.exec(source)?.[1]
  return [url.password, raw ?? '', ...url.searchParams.values()]
}

/** Takes secrets out of texts: those that are known in every way they may be written, and all that look like one. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const written = secrets.filter((secret) => secret.trim().length >= SHORTEST).flatMap(waysToWrite)
  const all = [...new Set(written)].sort((a, b) => b.length - a.length)
  return (text) => maskSecrets(all.reduce((left, secret) => left.replaceAll(secret, '***'), text))
}

function waysToWrite(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret), encodeURI(secret), decoded(secret), JSON.stringify(secret).slice(1, -1)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (_) {
    return text // Not %-encoded.
  }
}
