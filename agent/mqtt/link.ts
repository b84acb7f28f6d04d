import type { MqttClient } from 'mqtt'

/** What became of a message: the broker has it, does not want it, or nobody knows, since the connection has gone. */
export type Delivery = 'acknowledged' | 'refused' | 'lost'

/** Fewer than brokers allow at once by default (mosquitto: 20). */
const MOST_IN_FLIGHT = 16
/** MQTT 5, 2.4: reason codes from here on are errors. */
const FIRST_ERROR = 0x80

interface Sending {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
  readonly resolve: (delivery: Delivery) => void
}

export interface LinkOptions {
  /** How many messages without an answer the broker allows; the library does not look after that. */
  readonly receiveMaximum: number
  /** A topic was refused with this reason, or (null) taken. */
  readonly answered: (topic: string, refusal: number | null) => void
}

/** One connection that the broker has accepted: messages with QoS 1, in order, each with its answer. */
export class Link {
  readonly client: MqttClient
  readonly #options: LinkOptions
  readonly #mostInFlight: number
  readonly #waiting: Sending[] = []
  readonly #inFlight = new Set<Sending>()
  #gone = false

  constructor(client: MqttClient, options: LinkOptions) {
    this.client = client
    this.#options = options
    this.#mostInFlight = Math.min(MOST_IN_FLIGHT, options.receiveMaximum)
  }

  publish(topic: string, payload: string, { retain }: { retain: boolean }): Promise<Delivery> {
    // The library throws on a client that has ended.
    if (this.#gone) return Promise.resolve('lost')
    return new Promise((resolve) => {
      this.#waiting.push({ topic, payload, retain, resolve })
      this.#pump()
    })
  }

  /** The connection has gone: nobody will answer any more. */
  part(): void {
    this.#gone = true
    const lost = [...this.#inFlight, ...this.#waiting.splice(0)]
    this.#inFlight.clear()
    for (const { resolve } of lost) resolve('lost')
  }

  #pump(): void {
    while (!this.#gone && this.#inFlight.size < this.#mostInFlight) {
      const sending = this.#waiting.shift()
      if (!sending) return
      this.#inFlight.add(sending)
      this.#send(sending)
    }
  }

  #send(sending: Sending): void {
    const { topic, payload, retain, resolve } = sending
    this.client.publish(topic, payload, { qos: 1, retain }, (error) => {
      if (!this.#inFlight.delete(sending)) return // Given up already.
      // MQTT 5 brokers name a refusal; older ones take the message and drop it.
      const refusal = error ? refusalOf(error) : null
      const delivery = refusal !== null ? 'refused' : error ? 'lost' : 'acknowledged'
      if (delivery !== 'lost') this.#options.answered(topic, refusal)
      resolve(delivery)
      this.#pump()
    })
  }
}

/** The reason code with which the broker answered; null: it is no answer of the broker's. */
export function refusalOf(error: Error): number | null {
  const code = 'code' in error ? error.code : null
  return typeof code === 'number' && code >= FIRST_ERROR ? code : null
}
