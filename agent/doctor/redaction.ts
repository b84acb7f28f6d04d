import { readFile } from 'node:fs/promises'
import type { Config } from '../config/schema.ts'
import { secretFiles } from './secret-files.ts'

const LARGEST_FILE_BYTES = 16_384

/**
 * Every secret that the configuration and the environment lead to, as it is; `written` is what stands in its files, also where something
 * else lies over it. Files that cannot be read are passed over.
 */
export async function knownSecrets(config: Config, env: NodeJS.ProcessEnv, written: unknown): Promise<readonly string[]> {
  const files = await Promise.all([...secretFiles(config).values()].map((path) => readFile(path, 'utf8').catch(() => '')))
  const named = Object.entries(env).filter(([name]) => SECRET_NAME.test(name))
  return [
    // A key is many lines: each of them is to be found.
    ...files.flatMap((text) => text.slice(0, LARGEST_FILE_BYTES).split(/\r?\n/)).filter((line) => !line.startsWith('-----')),
    ...named.map(([, value]) => value ?? ''),
    ...textsIn([config, written]).flatMap(secretsOfUrl),
  ]
}

/** Variables of the environment that hold a secret. */
export const SECRET_NAME = /PASSWORD|PASSWD|TOKEN|SECRET|_KEY$/i

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** The password in an address, and the values of its query: a camera's may hold a token under any name. */
function secretsOfUrl(text: string): readonly string[] {
  if (!text.includes('://') || !URL.canParse(text)) return []
  const url = new URL(text)
  const raw = /:\/\/[^:@/]*:(.*)@/s.exec(text)?.[1]
  return [url.password, raw ?? '', ...url.searchParams.values()]
}
