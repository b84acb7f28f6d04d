import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Component, ORIGIN } from './discovery.ts'
import { NODE_STATUS, topicName } from './topics.ts'

/** A device as some headcount has described it, found at a broker. */
export interface FoundDevice {
  /** Where its headcount says whether it is there: no two have the same. */
  readonly statusTopic: string
  /** null: it does not say. */
  readonly installation: string | null
  readonly entities: Readonly<Record<string, Component>>
}

/** Who we are, for telling ours from others'. */
export interface Owner {
  readonly prefix: string
  readonly node: string
  readonly installation: string
}

const LARGEST_BYTES = 1024 * 1024

const deviceSchema = z.looseObject({
  o: z.looseObject({ name: z.literal(ORIGIN) }),
  dev: z.looseObject({ sn: z.string().optional() }),
  availability: z.array(z.looseObject({ topic: z.string().regex(/^[^#+\0]+\/status$/) })).min(1),
  cmps: z.record(z.string(), z.looseObject({ p: z.string() })),
})

/** Reads a discovery message of any headcount; null for everybody else's and for what is none. */
export function readDevice(payload: Uint8Array): FoundDevice | null {
  if (payload.length > LARGEST_BYTES) return null
  try {
    const found = deviceSchema.safeParse(JSON.parse(Buffer.from(payload).toString()))
    if (!found.success) return null
    const { dev, availability, cmps } = found.data
    return { statusTopic: availability[0]?.topic ?? '', installation: dev.sn ?? null, entities: cmps }
  } catch {
    return null // Not JSON: not one of ours.
  }
}

/**
 * Whose a device is. Its id does not tell: stream `b` of node `a` and node `a_b` have the same. `ours`: of our node. `former`: of this
 * installation under another name, unless the name lives on elsewhere: machines are cloned.
 */
export function ownerOf({ statusTopic, installation }: FoundDevice, owner: Owner): 'ours' | 'former' | 'foreign' {
  if (statusTopic === topicName(owner.prefix, owner.node, NODE_STATUS)) return 'ours'
  return installation === owner.installation ? 'former' : 'foreign'
}

/** A name for this installation that outlives its configuration, and gives away neither machine nor folder. */
export function installationId(machine: string, stateDir: string): string {
  return createHash('sha256').update(`${machine}:${stateDir}`).digest('hex').slice(0, 12)
}
