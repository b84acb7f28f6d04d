import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import type { Config } from '../config/schema.ts'
import { AgentError, type Fault, toFault } from '../errors.ts'
import { brokerFault } from '../mqtt/broker-faults.ts'
import { connectOptions } from '../mqtt/connect-options.ts'
import { connectionEnd } from '../mqtt/connection.ts'

/** What is seen of Home Assistant at a broker. */
export interface HomeAssistantSeen {
  /** Its last word on its status topic, where it is told to leave it there; null: none is kept. */
  readonly status: string | null
  /** Whether somebody listens for sensors to discover; null: the broker does not tell (MQTT 3.1.1, or no right to ask). */
  readonly discovered: boolean | null
}

export interface BrokerProbe {
  /** Why there was no login; null: there was. */
  readonly fault: Fault | null
  /** null: nobody asked, since there was no login or discovery is off. */
  readonly homeAssistant: HomeAssistantSeen | null
}

export interface BrokerQuestion {
  readonly mqtt: Config['mqtt']
  readonly node: string
  readonly password: string | undefined
  readonly signal: AbortSignal
  readonly limitMs?: number
}

export type AskBroker = (question: BrokerQuestion) => Promise<BrokerProbe>

const LIMIT_MS = 6_000
/** Retained messages come right behind the answer to a subscription. */
const RETAINED_MS = 500
/** PUBACK of MQTT 5: the broker took it, and has nobody to give it to. */
const NO_MATCHING_SUBSCRIBERS = 16
const HOME_ASSISTANT = 'homeassistant'

/** Logs in with a client id of its own, without a last will: no session of a running headcount notices it. Returns within the limit. */
export const askBroker: AskBroker = async ({ mqtt, node, password, signal, limitMs = LIMIT_MS }) => {
  signal.throwIfAborted()
  let client: MqttClient
  try {
    const { will: _none, ...options } = await connectOptions(mqtt, node, password)
    // 23 characters are what every broker must take.
    const clientId = `headcount-dr-${randomBytes(5).toString('hex')}`
    client = connect(mqtt.url, { ...options, clientId, connectTimeout: limitMs })
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    return { fault: toFault(error), homeAssistant: null }
  }
  const timer = new AbortController()
  const over = AbortSignal.any([signal, timer.signal])
  try {
    const ended = connectionEnd(client, mqtt.url).then(({ fault }) => fault)
    const connected = new Promise<null>((resolve) => client.once('connect', () => resolve(null)))
    const late = () => brokerFault(new Error(`it gave no answer within ${limitMs / 1_000} s`), mqtt.url)
    const limit = sleep(limitMs, null, { signal: over }).then(late)
    limit.catch(() => undefined)
    const fault = await Promise.race([connected, ended, limit])
    if (fault !== null || mqtt.discovery === false) return { fault, homeAssistant: null }
    const homeAssistant = await Promise.race([
      lookForHomeAssistant(client, mqtt.discovery, over),
      ended.then(() => null),
      limit.then(() => null),
    ])
    return { fault: null, homeAssistant }
  } finally {
    timer.abort()
    client.end(true)
    client.stream.destroy()
  }
}

async function lookForHomeAssistant(client: MqttClient, prefix: string, signal: AbortSignal): Promise<HomeAssistantSeen | null> {
  let status: string | null = null
  client.on('message', (_topic, payload, { retain }) => {
    if (retain) status = payload.toString().slice(0, 40)
  })
  try {
    await client.subscribeAsync([...new Set([`${HOME_ASSISTANT}/status`, `${prefix}/status`])], { qos: 1 })
    const discovered = await isHeard(client, `${prefix}/sensor/headcount_doctor/config`)
    await sleep(RETAINED_MS, null, { signal })
    return { status, discovered }
  } catch (_) {
    return null // An access list may keep these topics from us, and the broker may go: then nothing is known.
  }
}

/** Nothing is said, and nothing kept: to Home Assistant an empty message takes away a sensor that it never had. */
async function isHeard(client: MqttClient, topic: string): Promise<boolean | null> {
  if (client.options.protocolVersion !== 5) return null
  let code = 0
  // The library keeps this code to itself; nothing else is acknowledged here.
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'puback') code = packet.reasonCode ?? 0
  })
  try {
    await client.publishAsync(topic, '', { qos: 1, retain: false })
    return code !== NO_MATCHING_SUBSCRIBERS
  } catch (_) {
    return null // We may not write there.
  }
}
