import { AgentError } from '../errors.ts'
import { faultsOf, faultText } from './faults.ts'
import { configSchema } from './schema.ts'
import type { StreamConfig } from './stream-schema.ts'

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
