import { AgentError } from '../errors.ts'
import { faultsOf, faultText } from './faults.ts'
import { keysOf, schemaAt } from './keys.ts'
import { define, isTree, type Tree } from './layers.ts'
import { configSchema } from './schema.ts'
import { type StreamConfig, streamSchema } from './stream-schema.ts'

/** A stream from outside (HTTP, MQTT) with its defaults, or CONFIG_INVALID with every fault named. */
export function parseStream(raw: unknown): StreamConfig {
  const input = { streams: [raw] }
  const result = configSchema.safeParse(input)
  const stream = result.success ? result.data.streams[0] : undefined
  if (stream) return stream
  const faults = faultsOf(result.error?.issues ?? [], input, configSchema)
  const lines = faults.map((fault) => faultText({ ...fault, path: fault.path.slice(2) }, ''))
  throw new AgentError('CONFIG_INVALID', `This is no stream: ${lines.join(' ')}`, {
    remedy: 'Name at least "id" and "source"; README.md lists all keys of a stream.',
  })
}

/** CONFIG_INVALID for a patch with a `null` for a key that no stream has: taking nothing away would hide the mistake. */
export function refuseUnknownNulls(patch: Tree): void {
  const unknown = unknownNulls(patch)
  if (Object.keys(unknown).length > 0) parseStream({ id: 'patched', source: 'test', ...unknown })
}

function unknownNulls(patch: Tree, path: readonly string[] = []): Tree {
  const known = keysOf(schemaAt(streamSchema, path))
  const unknown: Tree = {}
  for (const [key, value] of Object.entries(patch)) {
    if (!known.includes(key)) {
      if (value === null) define(unknown, key, value)
    } else if (isTree(value)) {
      const inside = unknownNulls(value, [...path, key])
      if (Object.keys(inside).length > 0) define(unknown, key, inside)
    }
  }
  return unknown
}
