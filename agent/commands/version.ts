import { readFileSync } from 'node:fs'
import { installRoot } from '../install-root.ts'

/** The version of this installation. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', installRoot), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
