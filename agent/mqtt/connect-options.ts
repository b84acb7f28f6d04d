import type { IClientOptions } from 'mqtt'
import { readPem } from '../config/pem.ts'
import { machineDigits } from '../config/places.ts'
import type { Config } from '../config/schema.ts'
import { readSecret } from '../config/secrets.ts'
import { NODE_STATUS, topicName } from './topics.ts'

const KEEPALIVE_SECONDS = 15
const CONNECT_TIMEOUT_MS = 10_000
/** A broker that knows MQTT 5 keeps larger packets from us. Our own discovery of a stream with all its zones and lines has 140 KB. */
const LARGEST_PACKET_BYTES = 256 * 1024

/** What the mqtt library is told for one connection. Files are read anew each time, so a corrected password needs no restart. */
export async function connectOptions(mqtt: Config['mqtt'], node: string, password: string | undefined): Promise<IClientOptions> {
  const will = { topic: topicName(mqtt.prefix, node, NODE_STATUS), payload: Buffer.from('offline'), retain: true, qos: 1 as const }
  return {
    clientId: `headcount-${node}-${machineDigits(8)}`,
    protocolVersion: mqtt.version,
    ...(mqtt.version === 5 ? { properties: { maximumPacketSize: LARGEST_PACKET_BYTES } } : {}),
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // We connect anew ourselves: then nothing of an old session, like publishes in flight, can come back later.
    reconnectPeriod: 0,
    queueQoSZero: false,
    will,
    ...(await login(mqtt, password)),
    ...(await certificates(mqtt)),
  }
}

async function login({ username, passwordFile }: Config['mqtt'], given: string | undefined): Promise<IClientOptions> {
  if (username === undefined) return {}
  const password = given ?? (passwordFile === undefined ? undefined : await readSecret(passwordFile))
  return { username, ...(password === undefined ? {} : { password }) }
}

async function certificates({ ca, cert, key, rejectUnauthorized }: Config['mqtt']): Promise<IClientOptions> {
  return {
    rejectUnauthorized,
    ...(ca === undefined ? {} : { ca: await readPem('mqtt.ca', ca) }),
    ...(cert === undefined ? {} : { cert: await readPem('mqtt.cert', cert) }),
    ...(key === undefined ? {} : { key: await readPem('mqtt.key', key) }),
  }
}
