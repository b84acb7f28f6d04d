import { readSecret } from '../config/secrets.ts'
import type { Source } from './messages.ts'
import { parseSource } from './source.ts'

interface SourceConfig {
  readonly source: string
  readonly passwordFile?: string | undefined
  readonly transport?: 'tcp' | 'udp' | undefined
}

/** The source of a stream's configuration, with the password out of its file. Throws SOURCE_INVALID, CONFIG_UNREADABLE. */
export async function openSource({ source, passwordFile, transport = 'tcp' }: SourceConfig): Promise<Source> {
  return parseSource(source, { transport, password: passwordFile === undefined ? null : await readSecret(passwordFile) })
}
