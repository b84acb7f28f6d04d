import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import type { Config } from '../config/schema.ts'
import { AgentError, type Fault } from '../errors.ts'
import { brokerFault } from './broker-faults.ts'
import { connectOptions } from './connect-options.ts'
import { connectionEnd } from './connection.ts'
import { type Owner, ownerOf, readDevice } from './discovery-owner.ts'
import { Link } from './link.ts'
import { nodeOfStatus, RETAINED_FORMS } from './retained-forms.ts'
import { covers, NODE_STATUS, topicName } from './topics.ts'

/** Brokers hand out what is retained at once after a subscription: so long without another one, and it was all. */
const QUIET_MS = 700
const LIMIT_MS = 20_000
/** Where discovery went unless somebody changed it: an earlier configuration may not have. */
const HOME_ASSISTANT = 'homeassistant'
/** What is allowed when the broker does not say (MQTT 5, 3.2.2.3.3). */
const NO_LIMIT = 65_535

export interface ForgetOptions {
  readonly mqtt: Config['mqtt']
  readonly node: string
  /** Whose devices at Home Assistant go, under this and under former names. */
  readonly installation: string
  readonly password?: string | undefined
  readonly signal: AbortSignal
  readonly limitMs?: number
}

/** Topics that are gone from the broker, and those that it did not let us take back. */
export interface Forgotten {
  readonly cleared: readonly string[]
  readonly refused: readonly string[]
}

/** Takes back all that this installation has retained at its broker, under this and under former names: topics, and devices at Home Assistant. */
export async function forgetTopics(options: ForgetOptions): Promise<Forgotten> {
  const { mqtt, node, password, signal, limitMs = LIMIT_MS } = options
  const { will: _will, clientId, ...rest } = await connectOptions(mqtt, node, password)
  signal.throwIfAborted()
  // An id of its own: an agent that still runs must not be thrown out. No will: it would put back what is taken away.
  const client = connect(mqtt.url, { ...rest, clientId: `${clientId ?? node}-forget` })
  const limit = AbortSignal.timeout(limitMs)
  const ended = connectionEnd(client, mqtt.url).then(({ fault }) => {
    throw asError(fault)
  })
  const stopped = new Promise<never>((_, reject) => {
    const late = () => reject(asError(brokerFault(new Error(`not within ${limitMs / 1_000} s`), mqtt.url)))
    limit.addEventListener('abort', late, { once: true })
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  try {
    return await Promise.race([forget(client, options), ended, stopped])
  } finally {
    client.end(true)
    client.stream.destroy()
    await ended.catch(() => undefined) // It is told already, or is what we have just done.
  }
}

async function forget(client: MqttClient, { mqtt, node, installation }: ForgetOptions): Promise<Forgotten> {
  const heard = hearRetained(client)
  const receiveMaximum = await new Promise<number>((resolve) => {
    client.once('connect', ({ properties }) => resolve(properties?.receiveMaximum ?? NO_LIMIT))
  })
  const discovery = new Set([HOME_ASSISTANT, mqtt.discovery || HOME_ASSISTANT])
  const own = topicName(mqtt.prefix, node, '')
  await heard.listen([`${own}#`, ...[...discovery].map((prefix) => `${prefix}/device/+/config`)])
  if (heard.text(topicName(mqtt.prefix, node, NODE_STATUS)) === 'online') {
    throw new AgentError('CONFLICT', `A headcount named ${node} is there at ${mqtt.url}: its topics are in use.`, {
      remedy: 'Stop it first (sudo systemctl stop headcount); another one of that name needs a name of its own (node).',
    })
  }
  const owner: Owner = { prefix: mqtt.prefix, node, installation }
  const { devices, formers } = await devicesOf(owner, heard)
  const left = await leftBy(formers, mqtt.prefix, heard)
  const topics = [...[...heard.topics.keys()].filter((topic) => topic.startsWith(own)), ...left]
  const refused = new Set<string>()
  const link = new Link(client, { receiveMaximum, answered: (topic, refusal) => refusal !== null && refused.add(topic) })
  const wanted = [...devices, ...topics]
  await Promise.all(wanted.map((topic) => link.publish(topic, '', { retain: true })))
  return { cleared: wanted.filter((topic) => !refused.has(topic)), refused: [...refused] }
}

/** Discovery topics of this installation; those of a former name only when nobody is there under it: machines are cloned. */
async function devicesOf(owner: Owner, heard: Heard): Promise<{ devices: string[]; formers: string[] }> {
  const found = [...heard.topics].flatMap(([topic, payload]) => {
    const device = readDevice(payload)
    return device === null ? [] : [{ topic, statusTopic: device.statusTopic, whose: ownerOf(device, owner) }]
  })
  const statuses = new Set(found.filter(({ whose }) => whose === 'former').map(({ statusTopic }) => statusTopic))
  if (statuses.size > 0) await heard.listen([...statuses])
  const formers = [...statuses].filter((statusTopic) => heard.text(statusTopic) !== 'online')
  const gone = found.filter(({ whose, statusTopic }) => whose === 'former' && formers.includes(statusTopic))
  return { devices: [...found.filter(({ whose }) => whose === 'ours'), ...gone].map(({ topic }) => topic), formers }
}

/** What is retained below nodes, given by the topics of their status. */
async function leftBy(statuses: readonly string[], prefix: string, heard: Heard): Promise<string[]> {
  const nodes = statuses.flatMap((status) => nodeOfStatus(prefix, status) ?? [])
  if (nodes.length === 0) return []
  const filters = nodes.flatMap((node) => [...RETAINED_FORMS, NODE_STATUS].map((form) => topicName(prefix, node, form)))
  await heard.listen(filters)
  return [...heard.topics.keys()].filter((topic) => filters.some((filter) => covers(filter, topic)))
}

interface Heard {
  readonly topics: ReadonlyMap<string, Buffer>
  text(topic: string): string
  /** Subscribes, and resolves when what is retained has come. */
  listen(filters: string[]): Promise<void>
}

/** Remembers what is retained at the broker. */
function hearRetained(client: MqttClient): Heard {
  const topics = new Map<string, Buffer>()
  let lastMs = 0
  client.on('message', (topic, payload, { retain }) => {
    if (!retain || payload.length === 0) return
    topics.set(topic, payload)
    lastMs = performance.now()
  })
  return {
    topics,
    text: (topic) => String(topics.get(topic) ?? ''),
    async listen(filters) {
      await client.subscribeAsync(filters, { qos: 1 })
      lastMs = performance.now()
      while (client.connected && performance.now() - lastMs < QUIET_MS) await sleep(50)
    },
  }
}

function asError({ code, message, remedy }: Fault): AgentError {
  return new AgentError(code, message, { remedy })
}
