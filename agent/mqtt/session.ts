import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import type { Config } from '../config/schema.ts'
import type { Fault } from '../errors.ts'
import type { Log } from '../log.ts'
import { restartDelayMs } from '../supervise/backoff.ts'
import { brokerFault } from './broker-faults.ts'
import { connectOptions } from './connect-options.ts'
import { type ConnectionEnd, connectionEnd, failuresAfter } from './connection.ts'
import { type Delivery, Link } from './link.ts'
import { Namesake } from './namesake.ts'
import { Outbox } from './outbox.ts'
import { Refusals } from './refusals.ts'
import { type Listener, Subscriptions } from './subscriptions.ts'
import { NODE_STATUS, topicName } from './topics.ts'

const GOODBYE_MS = 500
/** Events and results under way; more means that the broker does not keep up. */
const MOST_SENDS = 200

export interface SessionOptions {
  readonly mqtt: Config['mqtt']
  readonly node: string
  readonly log: Log
  /** From the environment; wins over mqtt.passwordFile. */
  readonly password?: string | undefined
  readonly retryDelayMs?: (failures: number) => number
}

/**
 * One agent at one broker. Connects in the background and again whenever needed; what is retained is remembered and said again on
 * every connection. In scope the broker says `online` for us; when we end, in whatever way, `offline`.
 */
export class MqttSession implements AsyncDisposable {
  readonly #options: SessionOptions
  readonly #outbox = new Outbox()
  readonly #subscriptions = new Subscriptions()
  readonly #refusals: Refusals
  readonly #onlineListeners: (() => void)[] = []
  readonly #end = new AbortController()
  readonly #running: Promise<void>
  /** Set from an accepted CONNACK until the connection closes: the library's own `connected` is true for too long. */
  #link: Link | null = null
  #fault: Fault | null = null
  #sends = 0
  #dropped = 0

  private constructor(options: SessionOptions) {
    this.#options = options
    const { node, log, mqtt } = options
    this.#refusals = new Refusals(mqtt.url, log)
    const status = this.topic(NODE_STATUS)
    const namesake = new Namesake({ node, log, sayOnline: () => this.#outbox.set(status, 'online', true) })
    const mayBeOwn = mqtt.version !== 5
    const hear: Listener = (payload, { retained }) => {
      if (!this.#end.signal.aborted) namesake.hear(String(payload), { retained, mayBeOwn })
    }
    this.listen(status, hear, { fromOthers: true })
    this.#running = this.#run()
  }

  /** Returns at once. A broker that is not there is a fault to show, not a reason not to count. */
  static open(options: SessionOptions): MqttSession {
    return new MqttSession(options)
  }

  /** The broker has accepted us and has not gone since. */
  get online(): boolean {
    return this.#link !== null
  }

  /** Why there is no session, or why the broker does not take a topic; null when all is well or not tried yet. */
  get fault(): Fault | null {
    return this.#fault ?? this.#refusals.fault
  }

  /** Messages that are not retained and found no broker. */
  get dropped(): number {
    return this.#dropped
  }

  /** The whole name of a topic of ours. */
  topic(suffix: string): string {
    return topicName(this.#options.mqtt.prefix, this.#options.node, suffix)
  }

  /** Retains a payload below our node: on change, after each reconnect, and with `repeat` always. Never waits. */
  retain(suffix: string, payload: string, { repeat = false }: { repeat?: boolean } = {}): void {
    this.#outbox.set(this.topic(suffix), payload, repeat)
  }

  /** As `retain`, for a topic outside our node (discovery). */
  retainAt(topic: string, payload: string, { repeat = false }: { repeat?: boolean } = {}): void {
    this.#outbox.set(topic, payload, repeat)
  }

  /** Removes a retained topic from the broker, now or when it is back. */
  clear(suffix: string): void {
    this.#outbox.clear(this.topic(suffix))
  }

  /** Sends something that is not retained, with QoS 1. True when the broker has it; false when it is lost, which is counted. */
  async send(suffix: string, payload: string): Promise<boolean> {
    if (this.#sends >= MOST_SENDS) {
      this.#dropped++
      return false
    }
    this.#sends++
    const sent = (await this.deliver(suffix, payload)) === 'acknowledged'
    this.#sends--
    if (!sent) this.#dropped++
    return sent
  }

  /** As `send`, for somebody who keeps what is lost and says it again. */
  async deliver(suffix: string, payload: string): Promise<Delivery> {
    return this.#link?.publish(this.topic(suffix), payload, { retain: false }) ?? 'lost'
  }

  /** Calls this each time the broker has accepted us. */
  onOnline(listener: () => void): void {
    this.#onlineListeners.push(listener)
  }

  /**
   * Says something that is worth nothing later, with QoS 0. False when there is no broker, or one that does not keep up: then it is
   * dropped, which is counted. Never waits, queues nothing.
   */
  pass(suffix: string, payload: string): boolean {
    const client = this.#link?.client
    if (!client || client.stream.writableNeedDrain) {
      this.#dropped++
      return false
    }
    // Without a function to hear of it the library makes the loss of a message an error of the connection.
    client.publish(this.topic(suffix), payload, { qos: 0 }, () => undefined)
    return true
  }

  /**
   * Hears a topic, given by its whole name, or those of a filter with `+` in it, on this and every later connection. `fromOthers`: not what
   * we say ourselves, where the broker can tell (MQTT 5).
   */
  listen(filter: string, listener: Listener, { fromOthers = false }: { fromOthers?: boolean } = {}): void {
    this.#subscriptions.add({ filter, listener, fromOthers })
    if (this.#link) this.#announce(this.#link, 'newest')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    const link = this.#link
    const limit = new AbortController()
    // A broker that has just died never answers; our will has then said "offline" already.
    if (link) await Promise.race([this.#goodbye(link, limit.signal), sleep(GOODBYE_MS, undefined, { signal: limit.signal })])
    limit.abort()
    if (link) {
      this.#part(link.client)
      link.client.end(true)
      link.client.stream.destroy()
    }
    await Promise.race([this.#running, sleep(GOODBYE_MS, undefined, { ref: false })])
  }

  async #goodbye(link: Link, limit: AbortSignal): Promise<void> {
    while (!this.#outbox.settled && !limit.aborted) await sleep(10)
    if (limit.aborted) return
    await link.publish(this.topic(NODE_STATUS), 'offline', { retain: true })
    // DISCONNECT tells the broker to drop the will; without the 'offline' above nobody would say it.
    if (!limit.aborted) await link.client.endAsync().catch(() => undefined) // It has ended already.
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    const { retryDelayMs = restartDelayMs } = this.#options
    let failures = 0
    while (!signal.aborted) {
      const startedMs = performance.now()
      const { takenOver } = await this.#connectOnce()
      failures = failuresAfter(failures, { heldMs: performance.now() - startedMs, takenOver })
      if (signal.aborted) return
      await sleep(retryDelayMs(failures), undefined, { signal }).catch(() => undefined) // Aborted: the loop ends.
    }
  }

  /** One connection from its begin to its end, however it ends. */
  async #connectOnce(): Promise<Pick<ConnectionEnd, 'takenOver'>> {
    const { mqtt, node, password } = this.#options
    try {
      const options = await connectOptions(mqtt, node, password)
      if (!this.#end.signal.aborted) return await this.#hold(connect(mqtt.url, options))
    } catch (error) {
      // A file that cannot be read, or a certificate that TLS does not take.
      this.#setFault(brokerFault(error, mqtt.url))
    }
    return { takenOver: false }
  }

  async #hold(client: MqttClient): Promise<ConnectionEnd> {
    const { signal } = this.#end
    // While connecting there is nobody to say goodbye to.
    const giveUp = () => {
      if (this.#link?.client !== client) client.end(true, () => client.stream.destroy())
    }
    signal.addEventListener('abort', giveUp, { once: true })
    client.on('connect', ({ properties }) => this.#welcome(client, properties?.receiveMaximum))
    // Before anything is told that its publish failed: it must not try again on this client.
    client.on('close', () => this.#part(client))
    client.on('message', (topic, payload, { retain }) => this.#subscriptions.hear(payload, { topic, retained: retain }))
    const end = await connectionEnd(client, this.#options.mqtt.url)
    signal.removeEventListener('abort', giveUp)
    if (!signal.aborted) this.#setFault(end.fault)
    return end
  }

  #welcome(client: MqttClient, receiveMaximum = Number.POSITIVE_INFINITY): void {
    if (this.#end.signal.aborted) return
    const link = new Link(client, { receiveMaximum, answered: (topic, refusal) => this.#refusals.written(topic, refusal) })
    this.#link = link
    this.#refusals.clear()
    this.#setFault(null)
    this.#announce(link, 'all')
    // 'online' goes last, so that nobody takes what an earlier run has left behind for the word of a live agent.
    this.#outbox.connect(async (topic, payload) => (await link.publish(topic, payload, { retain: true })) === 'acknowledged', {
      topic: this.topic(NODE_STATUS),
      payload: 'online',
    })
    for (const listener of this.#onlineListeners) listener()
  }

  #part(client: MqttClient): void {
    const link = this.#link
    if (link?.client !== client) return
    this.#link = null
    this.#outbox.disconnect()
    link.part()
  }

  #announce(link: Link, which: 'all' | 'newest'): void {
    this.#subscriptions.announce(link.client, which, (filter) => {
      // Without a connection nothing was refused.
      if (this.#link === link) this.#refusals.unheard(filter)
    })
  }

  /** Tells the log about changes, not about every try. */
  #setFault(fault: Fault | null): void {
    const before = this.#fault
    this.#fault = fault
    const { log, mqtt } = this.#options
    if (fault === null) log.info(`Connected with the broker ${mqtt.url}`)
    else if (before?.code !== fault.code || before.message !== fault.message) log.warn(`${fault.message} ${fault.remedy} [${fault.code}]`)
  }
}
