import { nodeOfStatus, RETAINED_FORMS } from './retained-forms.ts'
import type { Listener } from './subscriptions.ts'
import { topicName } from './topics.ts'

/** What is needed of the session. */
export interface FormerTopics {
  /** There is a broker to hear it. */
  readonly online: boolean
  listen(filter: string, listener: Listener): void
  /** Retains a payload; an empty one removes the topic. */
  retainAt(topic: string, payload: string): void
}

export interface FormerNodesOptions {
  readonly topics: FormerTopics
  readonly prefix: string
  /** How long a name is listened for before nobody seems to have it, and then how long for what is left of it. */
  readonly quietMs: number
}

/** Somebody who fills the broker with such devices gets no further. */
const MOST_DEVICES = 200
/** As above, with topics below one node. */
const MOST_LEFT = 1_000

/** A name that this installation seems to have had. */
interface Former {
  /** Discovery topics of its devices. */
  readonly devices: Set<string>
  /** What is retained below it. */
  readonly left: Set<string>
  sinceMs: number
  /** Nobody has the name: what is left of it is listened for. */
  gone: boolean
}

/**
 * Names that this installation had before it was renamed. Unless somebody says to be there under one, as a clone of this machine may, what
 * is retained below that node is taken back: the last count of a name that is no more must not stand there for ever.
 */
export class FormerNodes {
  readonly #options: FormerNodesOptions
  /** By the topic of its status. */
  readonly #formers = new Map<string, Former>()
  /** The last word heard from each. */
  readonly #words = new Map<string, string>()
  /** Nodes whose topics are listened for. */
  readonly #searched = new Set<string>()

  constructor(options: FormerNodesOptions) {
    this.#options = options
  }

  /** A device of this installation says at another topic than ours whether it is there. */
  suspect(device: string, statusTopic: string, nowMs: number): void {
    const devices = [...this.#formers.values()].reduce((sum, former) => sum + former.devices.size, 0)
    if (devices >= MOST_DEVICES || this.#words.get(statusTopic) === 'online') return
    const former = this.#formers.get(statusTopic) ?? { devices: new Set(), left: new Set(), sinceMs: nowMs, gone: false }
    former.devices.add(device)
    this.#formers.set(statusTopic, former)
    if (this.#words.has(statusTopic)) return
    this.#words.set(statusTopic, '')
    this.#options.topics.listen(statusTopic, (payload) => {
      const word = String(payload)
      this.#words.set(statusTopic, word)
      if (word === 'online') this.#formers.delete(statusTopic)
    })
  }

  /** Takes back what is retained below names that nobody has; returns their devices, which are to go too. Call it again and again. */
  judge(nowMs: number): readonly string[] {
    const { topics, quietMs } = this.#options
    return [...this.#formers].flatMap(([statusTopic, former]) => {
      // Nobody is heard without a broker.
      if (!topics.online) former.sinceMs = nowMs
      if (nowMs - former.sinceMs < quietMs) return []
      if (!former.gone && this.#search(statusTopic)) {
        former.gone = true
        former.sinceMs = nowMs
        return []
      }
      this.#formers.delete(statusTopic)
      if (former.gone) for (const topic of [...former.left, statusTopic]) topics.retainAt(topic, '')
      return [...former.devices]
    })
  }

  /** Listens for what is retained below a node, which is remembered only while its name is suspected; false: the node is none of ours. */
  #search(statusTopic: string): boolean {
    const { topics, prefix } = this.#options
    const node = nodeOfStatus(prefix, statusTopic)
    if (node === null) return false
    if (this.#searched.has(node)) return true
    this.#searched.add(node)
    for (const form of RETAINED_FORMS) {
      topics.listen(topicName(prefix, node, form), (payload, { topic, retained }) => {
        const left = this.#formers.get(statusTopic)?.left
        if (left && retained && payload.length > 0 && left.size < MOST_LEFT) left.add(topic)
      })
    }
    return true
  }
}
