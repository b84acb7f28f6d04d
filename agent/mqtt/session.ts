import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import type { Config } from '../config/schema.ts'
import type { Fault } from '../errors.ts'
import type { Log } from '../log.ts'
import { restartDelayMs } from '../supervise/backoff.ts'
import { brokerFault, publishFault } from './broker-faults.ts'
import { connectOptions } from './connect-options.ts'
import { connectionEnd } from './connection.ts'
import { Outbox } from './outbox.ts'
import { covers, NODE_STATUS, topicName } from './topics.ts'

const GOODBYE_MS = 500
/** A session that held this long was a good one: the next failure is a new one. */
const GOOD_RUN_MS = 30_000
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

/** A message that came in. A retained one is old news: no command. */
export type Listener = (payload: Buffer, message: { readonly topic: string; readonly retained: boolean }) => void

/**
 * One agent at one broker. Connects in the background and again whenever needed; what is retained is remembered and said again on
 * every connection. In scope the broker says `online` for us; when we end, in whatever way, `offline`.
 */
export class MqttSession implements AsyncDisposable {
  readonly #options: SessionOptions
  readonly #outbox = new Outbox()
  readonly #listeners: { readonly filter: string; readonly listener: Listener }[] = []
  readonly #end = new AbortController()
  readonly #running: Promise<void>
  /** Set from an accepted CONNACK until the connection closes: the library's own `connected` is true for too long. */
  #client: MqttClient | null = null
  #fault: Fault | null = null
  #sends = 0
  #dropped = 0

  private constructor(options: SessionOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** Returns at once. A broker that is not there is a fault to show, not a reason not to count. */
  static open(options: SessionOptions): MqttSession {
    return new MqttSession(options)
  }

  /** The broker has accepted us and has not gone since. */
  get online(): boolean {
    return this.#client !== null
  }

  /** Why there is no session, or why the broker does not take a topic; null when all is well or not tried yet. */
  get fault(): Fault | null {
    return this.#fault
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
    const client = this.#client
    if (!client || this.#sends >= MOST_SENDS) {
      this.#dropped++
      return false
    }
    this.#sends++
    const sent = await this.#publish(client, this.topic(suffix), payload, { qos: 1, retain: false })
    this.#sends--
    if (!sent) this.#dropped++
    return sent
  }

  /**
   * Says something that is worth nothing later, with QoS 0. False when there is no broker, or one that does not keep up: then it is
   * dropped, which is counted. Never waits, queues nothing.
   */
  pass(suffix: string, payload: string): boolean {
    const client = this.#client
    if (!client || client.stream.writableNeedDrain) {
      this.#dropped++
      return false
    }
    // Without a function to hear of it the library makes the loss of a message an error of the connection.
    client.publish(this.topic(suffix), payload, { qos: 0 }, () => undefined)
    return true
  }

  /** Hears a topic, given by its whole name, or those of a filter with `+` in it, on this and every later connection. */
  listen(topic: string, listener: Listener): void {
    this.#listeners.push({ filter: topic, listener })
    if (this.#client) this.#subscribe(this.#client, topic)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    const client = this.#client
    const limit = new AbortController()
    // A broker that has just died never answers; our will has then said "offline" already.
    if (client) await Promise.race([this.#goodbye(client, limit.signal), sleep(GOODBYE_MS, undefined, { signal: limit.signal })])
    limit.abort()
    if (client) {
      this.#part(client)
      client.end(true)
      client.stream.destroy()
    }
    await Promise.race([this.#running, sleep(GOODBYE_MS, undefined, { ref: false })])
  }

  async #goodbye(client: MqttClient, limit: AbortSignal): Promise<void> {
    while (!this.#outbox.settled && !limit.aborted) await sleep(10)
    if (limit.aborted) return
    await this.#publish(client, this.topic(NODE_STATUS), 'offline', { qos: 1, retain: true })
    // DISCONNECT tells the broker to drop the will; without the 'offline' above nobody would say it.
    if (!limit.aborted) await client.endAsync().catch(() => undefined) // It has ended already.
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    const { retryDelayMs = restartDelayMs } = this.#options
    let failures = 0
    while (!signal.aborted) {
      const startedMs = performance.now()
      await this.#connectOnce()
      failures = performance.now() - startedMs > GOOD_RUN_MS ? 1 : failures + 1
      if (signal.aborted) return
      await sleep(retryDelayMs(failures), undefined, { signal }).catch(() => undefined) // Aborted: the loop ends.
    }
  }

  /** One connection from its begin to its end, however it ends. */
  async #connectOnce(): Promise<void> {
    const { mqtt, node, password } = this.#options
    try {
      const options = await connectOptions(mqtt, node, password)
      if (!this.#end.signal.aborted) await this.#hold(connect(mqtt.url, options))
    } catch (error) {
      // A file that cannot be read, or a certificate that TLS does not take.
      this.#setFault(brokerFault(error, mqtt.url))
    }
  }

  async #hold(client: MqttClient): Promise<void> {
    const { signal } = this.#end
    // While connecting there is nobody to say goodbye to.
    const giveUp = () => {
      if (this.#client !== client) client.end(true, () => client.stream.destroy())
    }
    signal.addEventListener('abort', giveUp, { once: true })
    client.on('connect', () => this.#welcome(client))
    // Before anything is told that its publish failed: it must not try again on this client.
    client.on('close', () => this.#part(client))
    client.on('message', (topic, payload, { retain }) => {
      for (const { filter, listener } of this.#listeners) if (covers(filter, topic)) listener(payload, { topic, retained: retain })
    })
    const reason = await connectionEnd(client, this.#options.mqtt.url)
    signal.removeEventListener('abort', giveUp)
    if (!signal.aborted) this.#setFault(reason)
  }

  #welcome(client: MqttClient): void {
    if (this.#end.signal.aborted) return
    this.#client = client
    this.#setFault(null)
    for (const { filter } of this.#listeners) this.#subscribe(client, filter)
    // 'online' goes last, so that nobody takes what an earlier run has left behind for the word of a live agent.
    this.#outbox.connect((topic, payload) => this.#publish(client, topic, payload, { qos: 1, retain: true }), {
      topic: this.topic(NODE_STATUS),
      payload: 'online',
    })
  }

  #part(client: MqttClient): void {
    if (this.#client !== client) return
    this.#client = null
    this.#outbox.disconnect()
  }

  #subscribe(client: MqttClient, topic: string): void {
    client.subscribe(topic, { qos: 1 }, (error) => {
      if (error && this.#client === client) this.#options.log.warn(`Cannot subscribe to ${topic}: ${error.message}`)
    })
  }

  #publish(client: MqttClient, topic: string, payload: string, options: { qos: 1; retain: boolean }): Promise<boolean> {
    // The library throws on a client that has ended.
    if (this.#client !== client) return Promise.resolve(false)
    return new Promise((resolve) => {
      client.publish(topic, payload, options, (error) => {
        // MQTT 5 brokers name a refusal; older ones take the message and drop it.
        if (error && 'code' in error && error.code === 135 && this.#fault === null)
          this.#setFault(publishFault(topic, this.#options.mqtt.url))
        resolve(!error)
      })
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
