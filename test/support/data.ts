import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installRoot } from '../../agent/install-root.ts'
import { skip } from './skip.ts'

/**
 * The path of a test clip or model (say `videos/one-by-one-person-detection.mp4` or `vtest.avi`), or null when this machine has none:
 * then it is said that the test is skipped, so ask in the test, and for one file after the other. Looked for in HEADCOUNT_TEST_DATA, or else in `../shared/data` beside the checkout; the
 * demo's clip also where the demo keeps it.
 */
export function dataFile(name: string): string | null {
  const folder = process.env['HEADCOUNT_TEST_DATA'] ?? fileURLToPath(new URL('../shared/data/', installRoot))
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'headcount')
  const path = [join(folder, name), ...(name === 'vtest.avi' ? [join(cache, name)] : [])].find((candidate) => existsSync(candidate))
  if (path === undefined) skip(`${name} is not on this machine (HEADCOUNT_TEST_DATA or ../shared/data)`)
  return path ?? null
}
