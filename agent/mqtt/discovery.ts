import { agentAvailability, agentEntities, type Entity, type EntityParts, type Published } from './discovery-entities.ts'
import { type StreamFacts, streamAvailability, streamEntities } from './discovery-stream-entities.ts'
import { topicName } from './topics.ts'

/** Everything that Home Assistant's discovery is made of. */
export interface DiscoveryFacts {
  /** Home Assistant's discovery prefix. */
  readonly discovery: string
  /** First part of our own topics. */
  readonly prefix: string
  readonly node: string
  readonly version: string
  /** The same for one installation however its node is called: tells what was ours from what is another's. */
  readonly installation: string
  /** An NPU is meant to detect. */
  readonly npu: boolean
  readonly areas: readonly { readonly id: string }[]
  readonly streams: readonly StreamFacts[]
  readonly published: ReadonlySet<Published>
}

/** An entity with its unique id; one with nothing but a platform is taken away. */
export type Component = Readonly<Record<string, unknown>> & { readonly p: string }

/** The payload of a discovery topic before it becomes text. */
export interface DeviceConfig {
  readonly dev: Readonly<Record<string, unknown>>
  readonly o: Readonly<Record<string, unknown>>
  readonly availability: readonly object[]
  readonly availability_mode: 'all'
  readonly cmps: Readonly<Record<string, Component>>
}

export interface DeviceMessage {
  readonly topic: string
  readonly config: DeviceConfig
}

/** Who says so, in every message. */
export const ORIGIN = 'headcount'

/**
 * What Home Assistant is to be told: the agent's device first, since the device of each stream names it as the one it is reached through.
 * Format: home-assistant.io/integrations/mqtt, "Device discovery payload". Unknown keys make Home Assistant drop a whole message.
 */
export function discoveryMessages(facts: DiscoveryFacts): readonly DeviceMessage[] {
  const { prefix, node, version, streams } = facts
  const parts: EntityParts = { topic: (suffix) => topicName(prefix, node, suffix), published: facts.published }
  const agent = `headcount_${node}`
  const made = { mf: ORIGIN, sw: version, sn: facts.installation }
  return [
    message(facts, {
      dev: { ids: [agent], name: `headcount ${node}`, mdl: 'People counter', ...made },
      availability: agentAvailability(parts.topic),
      entities: agentEntities(facts, parts),
      id: agent,
    }),
    ...streams.map((stream) =>
      message(facts, {
        dev: { ids: [`${agent}_${stream.id}`], name: `${node} ${stream.id}`, mdl: 'Camera', ...made, via_device: agent },
        availability: streamAvailability(stream.id, parts.topic),
        entities: streamEntities(stream, parts),
        id: `${agent}_${stream.id}`,
      }),
    ),
  ]
}

interface Device {
  readonly id: string
  readonly dev: DeviceConfig['dev']
  readonly availability: readonly object[]
  readonly entities: readonly Entity[]
}

function message({ discovery, version }: DiscoveryFacts, { id, dev, availability, entities }: Device): DeviceMessage {
  // Older versions do not take qos from the root.
  const cmps = Object.fromEntries(entities.map(({ key, ...entity }) => [key, { ...entity, unique_id: `${id}_${key}`, qos: 1 }]))
  return {
    topic: `${discovery}/device/${id}/config`,
    config: { dev, o: { name: ORIGIN, sw: version }, availability, availability_mode: 'all', cmps },
  }
}

/**
 * The text of a message. An entity that is only left out stays in Home Assistant for ever; `removed` (platform by key) takes such ones away,
 * and a message without them has to follow.
 */
export function discoveryPayload(config: DeviceConfig, removed: ReadonlyMap<string, string> = new Map()): string {
  const gone = Object.fromEntries([...removed].map(([key, p]) => [key, { p }]))
  return JSON.stringify({ ...config, cmps: { ...gone, ...config.cmps } })
}

/** Platforms by key of the entities that are in the first and not in the second. */
export function missingEntities(
  before: Readonly<Record<string, Component>>,
  after: Readonly<Record<string, Component>>,
): Map<string, string> {
  const missing = Object.entries(before).filter(([key, component]) => !(key in after) && Object.keys(component).length > 1)
  return new Map(missing.map(([key, { p }]) => [key, p]))
}
