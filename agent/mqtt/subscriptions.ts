import type { MqttClient } from 'mqtt'
import { covers } from './topics.ts'

/** A message that came in. A retained one is old news: no command. */
export type Listener = (payload: Buffer, message: { readonly topic: string; readonly retained: boolean }) => void

interface Subscription {
  readonly filter: string
  readonly listener: Listener
  readonly fromOthers: boolean
}

/** Who wants to hear what, on this and every later connection. */
export class Subscriptions {
  readonly #all: Subscription[] = []

  add(subscription: Subscription): void {
    this.#all.push(subscription)
  }

  /** Tells the broker of all, or of the newest; `refused` hears of each that it does not take. */
  announce(client: MqttClient, which: 'all' | 'newest', refused: (filter: string) => void): void {
    for (const { filter, fromOthers } of which === 'all' ? this.#all : this.#all.slice(-1)) {
      client.subscribe(filter, { qos: 1, nl: fromOthers }, (error) => {
        if (error) refused(filter)
      })
    }
  }

  /** Something came in. */
  hear(payload: Buffer, message: { readonly topic: string; readonly retained: boolean }): void {
    for (const { filter, listener } of this.#all) if (covers(filter, message.topic)) listener(payload, message)
  }
}
