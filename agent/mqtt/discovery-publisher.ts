import {
  type Component,
  type DeviceConfig,
  type DiscoveryFacts,
  discoveryMessages,
  discoveryPayload,
  missingEntities,
} from './discovery.ts'
import { type FoundDevice, ownerOf, readDevice } from './discovery-owner.ts'
import type { StreamFacts } from './discovery-stream-entities.ts'
import { FormerNodes } from './former-nodes.ts'
import type { Listener } from './subscriptions.ts'
import { NODE_STATUS } from './topics.ts'

/** What discovery needs of the session. */
export interface DiscoveryTopics {
  /** There is a broker to hear it. */
  readonly online: boolean
  topic(suffix: string): string
  listen(topic: string, listener: Listener): void
  /** Retains a payload, again after every reconnect; an empty one removes the topic. */
  retainAt(topic: string, payload: string, options?: { repeat?: boolean }): void
}

export interface DiscoveryPublisherOptions {
  readonly topics: DiscoveryTopics
  /** `discovery: false` takes away what an earlier configuration has told. */
  readonly facts: Omit<DiscoveryFacts, 'discovery' | 'streams'> & { readonly discovery: string | false }
  /** Those there are now, as long as they are the same the same objects; asked again and again. */
  readonly streams: () => readonly StreamFacts[]
  /** Says the states of all streams again. */
  readonly repeatStates: () => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
  /** 0 to 1. */
  readonly random?: () => number
  readonly pace?: Partial<Pace>
}

export interface Pace {
  readonly stepMs: number
  /** Between two different messages about one device: Home Assistant loses one that comes while it works on another. */
  readonly settleMs: number
  /** At most this long after Home Assistant has come, so that not all devices of a house answer at once. */
  readonly birthDelayMs: number
  /** From Home Assistant's hearing of devices until their states. */
  readonly statesDelayMs: number
  /** How long the status of a name we had is listened for before nobody seems to have it, and then how long for what is left of it. */
  readonly quietMs: number
}

const PACE: Pace = { stepMs: 250, settleMs: 2_000, birthDelayMs: 3_000, statesDelayMs: 1_500, quietMs: 5_000 }
/** Where Home Assistant is told to listen, and says that it is there, unless somebody changed it. */
const HOME_ASSISTANT = 'homeassistant'

/** What is remembered of one discovery topic. */
interface Entry {
  /** null: the device is to go. */
  config: DeviceConfig | null
  /** What Home Assistant may have of it. */
  shown: Readonly<Record<string, Component>>
  /** What is still to be said, in this order. */
  due: readonly string[]
  /** Say it although the broker has it. */
  repeat: boolean
  toldMs: number
}

/** Tells Home Assistant of the agent and its streams, and takes back what is no longer true, also what an earlier run has left at the broker. */
export class DiscoveryPublisher implements Disposable {
  readonly #options: DiscoveryPublisherOptions
  readonly #pace: Pace
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #formers: FormerNodes
  readonly #clock: NodeJS.Timeout
  #streams: readonly StreamFacts[] | null = null
  #repeatAtMs: number | null = null
  #statesAtMs: number | null = null

  constructor(options: DiscoveryPublisherOptions) {
    const { topics, facts, pace, now = () => performance.now() } = options
    this.#options = options
    this.#pace = { ...PACE, ...pace }
    this.#now = now
    this.#formers = new FormerNodes({ topics, prefix: facts.prefix, quietMs: this.#pace.quietMs })
    const prefix = facts.discovery || HOME_ASSISTANT
    topics.listen(`${prefix}/device/+/config`, (payload, { topic, retained }) => {
      const found = retained ? readDevice(payload) : null
      if (found) this.#find(topic, found)
    })
    // Home Assistant's own topic does not follow the discovery prefix by itself.
    for (const status of facts.discovery === false ? [] : new Set([`${HOME_ASSISTANT}/status`, `${prefix}/status`]))
      topics.listen(status, (payload, { retained }) => {
        if (!retained && String(payload) === 'online') this.#born()
      })
    // After the subscription: what is retained has to be heard before it is overwritten.
    this.#step()
    this.#clock = setInterval(() => this.#step(), this.#pace.stepMs).unref()
  }

  /** Says nothing more. What was said stays: the agent's status tells that it has gone. */
  [Symbol.dispose](): void {
    clearInterval(this.#clock)
  }

  #look(): void {
    const streams = this.#options.streams()
    const before = this.#streams
    if (before?.length === streams.length && streams.every((stream, index) => stream === before[index])) return
    this.#streams = streams
    const { discovery, ...facts } = this.#options.facts
    const messages = discovery === false ? [] : discoveryMessages({ ...facts, discovery, streams })
    const wanted = new Set(messages.map(({ topic }) => topic))
    for (const [topic, entry] of this.#entries) if (!wanted.has(topic) && entry.config !== null) this.#want(topic, null)
    for (const { topic, config } of messages) this.#want(topic, config)
  }

  #want(topic: string, config: DeviceConfig | null): void {
    const known = this.#entries.get(topic)
    if (known && JSON.stringify(known.config) === JSON.stringify(config)) return
    const entry = known ?? { config, shown: {}, due: [], repeat: false, toldMs: Number.NEGATIVE_INFINITY }
    entry.config = config
    entry.due = messagesDue(entry)
    this.#entries.set(topic, entry)
  }

  /** A headcount's device that was at the broker when we came. */
  #find(topic: string, found: FoundDevice): void {
    const entry = this.#entries.get(topic)
    if (entry?.config) {
      if (missingEntities(found.entities, entry.config.cmps).size === 0) return
      entry.shown = { ...found.entities, ...entry.shown }
      entry.due = messagesDue(entry)
      return
    }
    const owner = ownerOf(found, this.#options.facts)
    if (owner === 'ours') this.#want(topic, null)
    if (owner === 'former') this.#formers.suspect(topic, found.statusTopic, this.#now())
  }

  #born(): void {
    const { random = Math.random } = this.#options
    this.#repeatAtMs ??= this.#now() + random() * this.#pace.birthDelayMs
  }

  #step(): void {
    const nowMs = this.#now()
    this.#look()
    for (const topic of this.#formers.judge(nowMs)) this.#want(topic, null)
    this.#answerBirth(nowMs)
    for (const [topic, entry] of this.#entries) this.#tell(topic, entry, nowMs)
  }

  #answerBirth(nowMs: number): void {
    const { topics, repeatStates } = this.#options
    if (this.#repeatAtMs !== null && nowMs >= this.#repeatAtMs) {
      this.#repeatAtMs = null
      this.#statesAtMs = nowMs + this.#pace.statesDelayMs
      for (const entry of this.#entries.values()) {
        if (entry.config === null) continue
        if (entry.due.length === 0) entry.due = [discoveryPayload(entry.config)]
        entry.repeat = true
      }
    }
    if (this.#statesAtMs !== null && nowMs >= this.#statesAtMs) {
      this.#statesAtMs = null
      if (topics.online) topics.retainAt(topics.topic(NODE_STATUS), 'online', { repeat: true })
      repeatStates()
    }
  }

  #tell(topic: string, entry: Entry, nowMs: number): void {
    if (nowMs - entry.toldMs < this.#pace.settleMs) return
    const [payload, ...rest] = entry.due
    if (payload === undefined) {
      if (entry.config === null) this.#entries.delete(topic)
      return
    }
    this.#options.topics.retainAt(topic, payload, { repeat: entry.repeat })
    entry.repeat = false
    entry.due = rest
    entry.toldMs = nowMs
    entry.shown = entry.config?.cmps ?? {}
  }
}

/** What has to be said until Home Assistant has what is wanted, and nothing else. */
function messagesDue({ config, shown }: Entry): readonly string[] {
  if (config === null) return ['']
  const removed = missingEntities(shown, config.cmps)
  const clean = discoveryPayload(config)
  return removed.size === 0 ? [clean] : [discoveryPayload(config, removed), clean]
}
