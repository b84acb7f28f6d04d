import { AgentError } from '../errors.ts'
import type { Tree } from './layers.ts'

/** The version of the format that this headcount reads. A file that names none is of version 1, whatever this one is. */
export const CONFIG_VERSION = 1

/** How a configuration of one version becomes one of the next. */
export interface Migration {
  /** What changed, for the person who wrote the file: a sentence. */
  readonly what: string
  /** Makes a new tree; the one it is given stays as it is. That may hold anything: nothing was checked yet. */
  readonly change: (values: Tree) => Tree
}

/** The steps to CONFIG_VERSION, oldest first: from 1 to 2, from 2 to 3, and so on. Entries are never changed, only added. */
export const MIGRATIONS: readonly Migration[] = []

export interface Migrated {
  readonly values: Tree
  /** Says it when the file is of an older version; null: it is not. */
  readonly note: string | null
}

/**
 * The values of a file as CONFIG_VERSION has them. The file itself is never written: it is the user's. The last of `migrations` leads to
 * CONFIG_VERSION. Throws CONFIG_INVALID for a file of a newer version; what is no version at all is left to the schema.
 */
export function migrateConfig(values: Tree, path: string, migrations: readonly Migration[] = MIGRATIONS): Migrated {
  const version = values['version'] ?? 1
  if (!Number.isInteger(version)) return { values, note: null }
  const steps = CONFIG_VERSION - Number(version)
  if (steps < 0) {
    throw new AgentError(
      'CONFIG_INVALID',
      `${path} is of version ${Number(version)}; this headcount reads versions up to ${CONFIG_VERSION}.`,
      {
        remedy: 'Install the newer headcount that it was written for, or go back to an older copy of the file.',
      },
    )
  }
  if (steps === 0 || steps > migrations.length) return { values, note: null }
  const due = migrations.slice(-steps)
  const migrated = due.reduce((tree, { change }) => change(tree), values)
  const note = `${path} is of version ${Number(version)} and was read as version ${CONFIG_VERSION}; the file itself was left as it is.`
  return { values: { ...migrated, version: CONFIG_VERSION }, note: [note, ...due.map(({ what }) => what)].join(' ') }
}
