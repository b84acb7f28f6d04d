import type { Log } from '../log.ts'

export interface NamesakeOptions {
  readonly node: string
  readonly log: Log
  /** Takes back what was said for us. */
  readonly sayOnline: () => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

/** Anybody at the broker may say anything. */
const LONGEST_SHOWN = 32

/** Often enough for somebody who reads the log, and no flood. */
const REMIND_MS = 600_000

/**
 * Notices another headcount with our node name on another machine: the broker takes both, they overwrite each other's counts, and when one
 * goes it says `offline` for both.
 */
export class Namesake {
  readonly #options: NamesakeOptions
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: NamesakeOptions) {
    this.#options = options
  }

  /** Somebody's word on the status topic of our node. Before MQTT 5 our own `online` comes back, too: it tells nothing. */
  hear(status: string, { retained, mayBeOwn }: { retained: boolean; mayBeOwn: boolean }): void {
    if (retained || (mayBeOwn && status !== 'offline')) return
    if (status === 'offline') this.#options.sayOnline()
    const { node, log, now = () => performance.now() } = this.#options
    if (now() - this.#toldMs < REMIND_MS) return
    this.#toldMs = now()
    log.warn(
      `Another headcount says "${status.slice(0, LONGEST_SHOWN)}" under the node name "${node}". Give each headcount its own node name; two with one name mix their counts. [CONFLICT]`,
    )
  }
}
