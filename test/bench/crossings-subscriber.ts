import { connect } from 'mqtt'
import { eventually } from '../support/eventually.ts'

/** A crossing as it came over MQTT. */
export interface Heard {
  readonly id: string
  readonly topic: string
  readonly event_type: string
  readonly track: number
  readonly ts: number
  readonly line: string
}

/** Somebody who wants every event: QoS 1 and a session that the broker keeps while they are away. */
export interface Subscriber extends AsyncDisposable {
  /** All of them, repeats too, as they came. */
  readonly heard: readonly Heard[]
  /** How often a broker has heard what they want: once a connection, since a broker may have forgotten everything. */
  readonly subscriptions: number
}

/** Connects, and again whenever needed. */
export async function subscribe(url: string, topic: string): Promise<Subscriber> {
  const heard: Heard[] = []
  let subscriptions = 0
  const client = connect(url, { clientId: 'listener', clean: false, protocolVersion: 4, reconnectPeriod: 50, resubscribe: false })
  client.on('error', () => undefined) // It tries again by itself.
  client.on('message', (name, payload) => heard.push({ topic: name, ...(JSON.parse(String(payload)) as Omit<Heard, 'topic'>) }))
  client.on('connect', () =>
    client.subscribe(topic, { qos: 1 }, (error) => {
      if (!error) subscriptions++
    }),
  )
  await eventually(() => subscriptions > 0, { what: 'the subscriber has subscribed' })
  return {
    heard,
    get subscriptions() {
      return subscriptions
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
}
