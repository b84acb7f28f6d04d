import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { AgentError } from '../errors.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { isTree, mergeTrees, type Tree, withoutEmpty } from './layers.ts'
import { applyPatch, mergePatches } from './merge-patch.ts'
import { CONFIG_VERSION, type Migration, migrateConfig } from './migrations.ts'
import { parseYaml } from './yaml-text.ts'

const tree = z.record(z.string(), z.unknown())

const overridesSchema = z.strictObject({
  settings: tree.default({}),
  streams: z.record(z.string(), z.union([tree, z.literal('removed')])).default({}),
  added: z.record(z.string(), tree).default({}),
})

/** As the file has them: of the version of the format that was written. */
const fileSchema = overridesSchema.extend({ version: z.int().min(1).default(1) })

/**
 * What was changed at run time: settings by key; streams of the file by id, each a patch or `removed`; whole new streams by id, which
 * take the place of one of the file. In a patch `null` takes away what the file has. Older files have new streams among the patches: those with a `source` that the file does not know.
 */
export type Overrides = z.output<typeof overridesSchema>

const HEADER = '# Changes made at run time; they win over config.yaml. Stop headcount and delete this file to take them back.\n'

/** Where the changes made at run time are kept. */
export function overridesPath(stateDir: string): string {
  return join(stateDir, 'overrides.yaml')
}

/** The changes made at run time, those of an older version brought to CONFIG_VERSION; none when there is no file yet. */
export async function readOverrides(stateDir: string, migrations?: readonly Migration[]): Promise<Overrides> {
  const path = overridesPath(stateDir)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return overridesSchema.parse({})
    throw new AgentError('CONFIG_UNREADABLE', `Cannot read ${path}.`, {
      remedy: 'Give the user headcount runs as the right to read it.',
      cause,
    })
  }
  const result = fileSchema.safeParse(written(text, path))
  if (result.success) return migrateOverrides(result.data, path, migrations)
  throw new AgentError('CONFIG_INVALID', `${path} is not what headcount wrote: ${z.prettifyError(result.error)}.`, {
    remedy: 'Delete it; changes made at run time are lost, the configuration file is not.',
  })
}

/** The text of the file; a key without a value says something in a patch of a stream, and nowhere else. */
function written(text: string, path: string): Tree {
  const whole = parseYaml(text, path, { keepEmpty: true })
  const values = withoutEmpty(whole) as Tree
  const patches = whole['streams']
  if (!isTree(patches)) return values
  return { ...values, streams: Object.fromEntries(Object.entries(patches).filter(([, patch]) => patch !== null)) }
}

/** Settings are a configuration that lacks most keys, and so is a list of one stream: both go the way of a whole one. */
export function migrateOverrides(
  { version, ...overrides }: z.output<typeof fileSchema>,
  path: string,
  migrations?: readonly Migration[],
): Overrides {
  const migrated = (values: Tree): Tree => {
    const { version: _newest, ...rest } = migrateConfig({ ...values, version }, path, migrations).values
    return rest
  }
  const stream = (tree: Tree): Tree => {
    const listed = migrated({ streams: [tree] })['streams']
    const first: unknown = Array.isArray(listed) ? listed[0] : null
    return isTree(first) ? first : tree
  }
  const each = <Value>(entries: Readonly<Record<string, Value>>, change: (value: Value) => Value) =>
    Object.fromEntries(Object.entries(entries).map(([id, value]) => [id, change(value)]))
  return {
    settings: migrated(overrides.settings),
    streams: each(overrides.streams, (patch) => (patch === 'removed' ? patch : stream(patch))),
    added: each(overrides.added, stream),
  }
}

/** Keeps the changes for the next start. A crash in the middle leaves the old ones. */
export async function writeOverrides(stateDir: string, overrides: Overrides): Promise<void> {
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o750 })
    // 0600: a stream added at run time may carry a password in its URL.
    await writeFileAtomic(overridesPath(stateDir), HEADER + stringify({ version: CONFIG_VERSION, ...overrides }), 0o600)
  } catch (cause) {
    throw new AgentError(
      'STATE_UNWRITABLE',
      `Cannot write ${overridesPath(stateDir)} (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}).`,
      {
        remedy: 'Make room on the disk and give headcount the right to write there, then make the change again: it was not made.',
        cause,
      },
    )
  }
}

/** The overrides with a whole new stream; nothing of an earlier one with this id stays. */
export function withAdded({ streams, added, ...rest }: Overrides, id: string, stream: Tree): Overrides {
  return { ...rest, streams: without(streams, id), added: { ...added, [id]: stream } }
}

/** The overrides with a stream patched; that a key is taken away is remembered only where the file would bring it back. */
export function withPatched({ streams, added, ...rest }: Overrides, id: string, patch: Tree, file: Tree): Overrides {
  const whole = entryOf(added, id)
  if (whole) return { ...rest, streams, added: { ...added, [id]: applyPatch(whole, patch) } }
  const before = entryOf(streams, id)
  const merged = mergePatches(isTree(before) ? before : {}, patch, inFile(file, id) ?? {})
  return { ...rest, streams: { ...streams, [id]: merged }, added }
}

/** The overrides with a stream removed; it is remembered only where the file would bring it back. */
export function withRemoved({ streams, added, ...rest }: Overrides, id: string, file: Tree): Overrides {
  const removed = inFile(file, id) === null ? {} : { [id]: 'removed' as const }
  return { ...rest, streams: { ...without(streams, id), ...removed }, added: without(added, id) }
}

/** A stream as the file has it; null: it has none of that id. */
function inFile(file: Tree, id: string): Tree | null {
  const listed: unknown = file['streams']
  const found: unknown = Array.isArray(listed) ? listed.find((stream) => idOf(stream) === id) : null
  return isTree(found) ? found : null
}

/** Ids may be names that every object has, as "constructor" is. */
function entryOf<Value>(entries: Readonly<Record<string, Value>>, id: string): Value | undefined {
  return Object.hasOwn(entries, id) ? entries[id] : undefined
}

function without<Value>(entries: Readonly<Record<string, Value>>, id: string): Record<string, Value> {
  const { [id]: _gone, ...others } = entries
  return others
}

function idOf(stream: unknown): string | null {
  return isTree(stream) && typeof stream['id'] === 'string' ? stream['id'] : null
}

/** How overrides and a file's streams become one list, aligned so that each value's origin can still be told. */
export interface AppliedOverrides {
  readonly file: Tree
  readonly overrides: Tree
  readonly merged: Tree
  readonly notes: readonly string[]
}

/** Lays the overrides above the file. A patch of a stream that the file no longer has is left out and noted. */
export function applyOverrides(file: Tree, overrides: Overrides): AppliedOverrides {
  const listed = file['streams'] ?? []
  // Not a list: a fault the schema reports.
  if (!Array.isArray(listed)) return { file, overrides: overrides.settings, merged: mergeTrees(file, overrides.settings), notes: [] }
  const patches = new Map(Object.entries(overrides.streams))
  const added = new Map(Object.entries(overrides.added))
  const kept = listed.filter((stream) => patches.get(idOf(stream) ?? '') !== 'removed' && !added.has(idOf(stream) ?? ''))
  const patched: Tree = {}
  const merged: unknown[] = kept.map((stream: unknown, index) => {
    const patch = patches.get(idOf(stream) ?? '')
    if (!isTree(stream) || !isTree(patch)) return stream
    patched[index] = patch
    return applyPatch(stream, patch)
  })
  const append = (id: string, stream: Tree) => {
    patched[merged.length] = { id, ...stream }
    merged.push({ id, ...stream })
  }
  const notes: string[] = []
  const known = new Set(listed.map(idOf))
  for (const [id, patch] of patches) {
    if (known.has(id) || patch === 'removed') continue
    if ('source' in patch) append(id, applyPatch({}, patch))
    else notes.push(`Changes made at run time to stream "${id}" are left out: the configuration no longer has it.`)
  }
  for (const [id, stream] of added) append(id, stream)
  return {
    file: 'streams' in file ? { ...file, streams: kept } : file,
    overrides: { ...overrides.settings, streams: patched },
    merged: { ...mergeTrees(file, overrides.settings), ...(merged.length > 0 || 'streams' in file ? { streams: merged } : {}) },
    notes,
  }
}
