import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { firstFolder } from './folder-list.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Folders of this installation. */
export interface Places {
  /** History, jobs, token, run time changes. */
  readonly stateDir: string
  /** What can be made again: the plugin registry, downloaded clips. */
  readonly cacheDir: string
}

/** Where things lie, from the environment. */
export function findPlaces(env: Environment): Places {
  const home = env['HOME'] ?? homedir()
  const cacheHome = firstFolder(env['XDG_CACHE_HOME'])
  return {
    stateDir: firstFolder(env['HEADCOUNT_STATE_DIR']) ?? firstFolder(env['STATE_DIRECTORY']) ?? join(home, '.local', 'state', 'headcount'),
    cacheDir: firstFolder(env['CACHE_DIRECTORY']) ?? (cacheHome ? join(cacheHome, 'headcount') : join(home, '.cache', 'headcount')),
  }
}

/** The machine's id, or text that is as stable as we can get where there is none (some containers). */
function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || hostname()
  } catch (_) {
    return hostname()
  }
}

/** Hex digits of this machine, stable over restarts. A digest, because machine-id(5) asks not to give the id itself away. */
export function machineDigits(count: number): string {
  return createHash('sha256').update(`headcount:${machineId()}`).digest('hex').slice(0, count)
}

/** The name of this device while the configuration has none. */
export function defaultNode(host = hostname(), digits = machineDigits(4)): string {
  const name = host
    .toLowerCase()
    .replace(/\..*$/, '')
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^[-_]+|[-_]+$/g, '')
    .slice(0, 40)
  return `${name || 'headcount'}-${digits}`
}
