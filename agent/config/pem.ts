import { readFile } from 'node:fs/promises'
import { AgentError } from '../errors.ts'

/** The PEM file that the configuration names in `key`. Throws CONFIG_UNREADABLE. */
export async function readPem(key: string, path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new AgentError('CONFIG_UNREADABLE', `Cannot read ${path} of ${key}.`, {
      remedy: 'Check the path and that headcount may read the file.',
      cause,
    })
  })
}
