import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentError } from '../errors.ts'
import { environmentLayer, variableName } from './environment.ts'
import { faultsOf, faultText } from './faults.ts'
import { isTree, type Layer, mergeTrees, type Origin, originAt, type Tree } from './layers.ts'
import { type Migration, migrateConfig } from './migrations.ts'
import { notYetNotes } from './not-yet.ts'
import { applyOverrides, type Overrides, overridesPath, readOverrides } from './overrides.ts'
import { defaultNode, type Environment, findPlaces, type Places } from './places.ts'
import { type Config, configSchema } from './schema.ts'
import { parseYaml } from './yaml-text.ts'

/** The configuration file of an installed headcount. */
export const DEFAULT_CONFIG_FILE = '/etc/headcount/config.yaml'

/** A configuration and how it came about. */
export interface LoadedConfig {
  readonly config: Config
  /** The file read; null when there was none and defaults were allowed. */
  readonly file: string | null
  /** What stands in the file, brought to the newest version, before run time changes and environment. */
  readonly values: Tree
  readonly places: Places
  /** Where a value comes from, by path. */
  readonly originOf: (path: readonly PropertyKey[]) => Origin
  /** The changes made at run time that are part of `config`. */
  readonly overrides: Overrides
  /** Worth a warning, not a fault. */
  readonly notes: readonly string[]
}

export interface LoadOptions {
  /** Named by the user; otherwise HEADCOUNT_CONFIG, else the default file. */
  readonly file?: string | undefined
  readonly env: Environment
  /** Take defaults when no file was named and the default file does not exist. */
  readonly fileOptional?: boolean
  /** How older files are read; the default is every migration there is. */
  readonly migrations?: readonly Migration[]
}

/** Reads file, run time changes and environment into one configuration, or throws with every fault it has. */
export async function loadConfig({ file, env, fileOptional = false, migrations }: LoadOptions): Promise<LoadedConfig> {
  const places = findPlaces(env)
  const named = file ?? (env['HEADCOUNT_CONFIG'] || undefined)
  const text = await readText(named ?? DEFAULT_CONFIG_FILE, fileOptional && named === undefined)
  const path = text === null ? null : (named ?? DEFAULT_CONFIG_FILE)
  const { values, note } = migrateConfig(text === null ? {} : parseYaml(text, path ?? ''), path ?? '', migrations)
  const overrides = await readOverrides(places.stateDir, migrations)
  const composed = composeConfig({ values, overrides, env, places, path })
  const notes = note === null ? composed.notes : [note, ...composed.notes]
  return { ...composed, notes, file: path, values, places, overrides }
}

async function readText(path: string, optional: boolean): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    if (optional && reason === 'ENOENT') return null
    const remedy =
      reason === 'ENOENT'
        ? 'Create it (an empty file is valid), or name another with --config.'
        : 'Check the path and its rights, or name another file with --config.'
    throw new AgentError('CONFIG_UNREADABLE', `Cannot read the configuration ${path} (${reason}).`, { remedy, cause })
  }
}

/** What a configuration is made of, already read. */
export interface ConfigParts {
  readonly values: Tree
  readonly overrides: Overrides
  readonly env: Environment
  readonly places: Places
  /** For messages only. */
  readonly path: string | null
}

/** Lays the parts over each other and validates the whole. Also tells, before a run time change is kept, whether it may be. */
export function composeConfig({ values, overrides, env, places, path }: ConfigParts): Pick<LoadedConfig, 'config' | 'originOf' | 'notes'> {
  const applied = applyOverrides(values, overrides)
  const environment = environmentLayer(env)
  const merged = mergeTrees(applied.merged, environment.values)
  const layers: Layer[] = [
    { origin: 'file', values: applied.file },
    { origin: 'overrides', values: applied.overrides },
    { origin: 'environment', values: environment.values },
  ]
  const originOf = (key: readonly PropertyKey[]) => originAt(layers, key)
  const result = configSchema.safeParse(merged)
  if (result.success)
    return { config: complete(result.data, places), originOf, notes: [...applied.notes, ...environment.notes, ...notYetNotes(merged)] }

  const faults = faultsOf(result.error.issues, merged, configSchema)
  const lines = faults.map((fault) => `\n  ${faultText(fault, whence(originOf(fault.path), fault.path, places))}`)
  throw new AgentError(
    'CONFIG_INVALID',
    `${path ?? 'The configuration'} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:${lines.join('')}\n`,
    {
      remedy: 'Correct every line above; README.md and "headcount config schema" know all keys.',
      cause: result.error,
    },
  )
}

/** Says it when a value does not stand in the file that the person is looking at. */
function whence(origin: Origin, path: readonly PropertyKey[], places: Places): string {
  if (origin === 'overrides') return ` (from ${overridesPath(places.stateDir)})`
  if (origin === 'environment') return ` (from ${variableName(path.filter((step) => typeof step === 'string'))} in the environment)`
  return ''
}

/** Fills in what depends on this machine. */
function complete(config: Config, places: Places): Config {
  const placed = withStateDir(config, places.stateDir) as Config
  return { ...placed, node: config.node === 'auto' ? defaultNode() : config.node }
}

function withStateDir(value: unknown, stateDir: string): unknown {
  if (typeof value === 'string' && value.startsWith('<state>/')) return join(stateDir, value.slice('<state>/'.length))
  if (Array.isArray(value)) return value.map((inner) => withStateDir(inner, stateDir))
  if (!isTree(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withStateDir(inner, stateDir)]))
}
