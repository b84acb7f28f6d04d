import { freshThrottle, stepThrottle, type Throttle } from './throttle.ts'
import { newsKey, type StreamReport, stateMessages } from './topics.ts'

/** What the publisher needs of the session. */
export interface RetainedTopics {
  /** Says it on change; `repeat` says it although it is the same. */
  retain(suffix: string, payload: string, options?: { repeat?: boolean }): void
  clear(suffix: string): void
}

export interface PublisherOptions {
  readonly topics: RetainedTopics
  readonly heartbeatMs: number
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

/** At most five a second and stream. */
const INTERVAL_MS = 200

/** What is remembered of one stream. */
interface Entry {
  state: StreamReport
  updatedMs: number
  throttle: Throttle
  /** The news that went out last, and whether it said a number. */
  told: string | null
  knew: boolean
  suffixes: ReadonlySet<string>
  rest: NodeJS.Timeout | null
}

/** Tells the states of streams: news at once but not more than five times a second, the last value always, everything again as a heartbeat. */
export class StatePublisher implements Disposable {
  readonly #topics: RetainedTopics
  readonly #now: () => number
  readonly #heartbeat: NodeJS.Timeout
  readonly #entries = new Map<string, Entry>()

  constructor({ topics, heartbeatMs, now = () => performance.now() }: PublisherOptions) {
    this.#topics = topics
    this.#now = now
    this.#heartbeat = setInterval(() => this.repeatAll(), heartbeatMs).unref()
  }

  /** Takes the newest state of a stream; may be called for every frame. */
  update(stream: string, state: StreamReport): void {
    const entry = this.#entry(stream, state)
    entry.state = state
    entry.updatedMs = this.#now()
    const news = newsKey(state)
    if (entry.knew && state.count === null)
      this.#tell(stream, entry, false) // Not knowing is said at once, whatever was said just now.
    else this.#step(stream, entry, news !== entry.told)
  }

  /** Takes back everything said of a stream: it exists no more. */
  remove(stream: string): void {
    const entry = this.#entries.get(stream)
    if (!entry) return
    this.#entries.delete(stream)
    clearTimeout(entry.rest ?? undefined)
    for (const suffix of entry.suffixes) this.#topics.clear(suffix)
  }

  /** The heartbeat: says everything again, with its age of now. */
  repeatAll(): void {
    for (const [stream, entry] of this.#entries) this.#tell(stream, entry, true)
  }

  /** Leaves no number behind that nobody watches over: whoever reads retained topics finds `unknown`. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat)
    for (const [stream, entry] of this.#entries) {
      clearTimeout(entry.rest ?? undefined)
      entry.state = ended(entry.state)
      this.#tell(stream, entry, false)
    }
    this.#entries.clear()
  }

  #entry(stream: string, state: StreamReport): Entry {
    const known = this.#entries.get(stream)
    if (known) return known
    const fresh: Entry = { state, updatedMs: 0, throttle: freshThrottle, told: null, knew: false, suffixes: new Set(), rest: null }
    this.#entries.set(stream, fresh)
    return fresh
  }

  #step(stream: string, entry: Entry, changed: boolean): void {
    const { throttle, send, restMs } = stepThrottle(entry.throttle, { changed, nowMs: this.#now(), intervalMs: INTERVAL_MS })
    entry.throttle = throttle
    if (send) this.#tell(stream, entry, false)
    else if (restMs !== null && entry.rest === null) {
      entry.rest = setTimeout(() => {
        entry.rest = null
        this.#step(stream, entry, false)
      }, Math.ceil(restMs)).unref()
    }
  }

  #tell(stream: string, entry: Entry, repeat: boolean): void {
    const messages = stateMessages(stream, aged(entry.state, this.#now() - entry.updatedMs))
    entry.told = newsKey(entry.state)
    entry.knew = entry.state.count !== null
    entry.throttle = { sentMs: this.#now(), waiting: false }
    for (const { suffix, payload } of messages) this.#topics.retain(suffix, payload, { repeat })
    const suffixes = new Set(messages.map(({ suffix }) => suffix))
    for (const suffix of entry.suffixes) if (!suffixes.has(suffix)) this.#topics.clear(suffix)
    entry.suffixes = suffixes
  }
}

/** The same state, seen later. */
function aged(state: StreamReport, laterMs: number): StreamReport {
  const elapsedMs = Math.max(0, Math.round(laterMs))
  return { ...state, ts: state.ts + elapsedMs, ageMs: state.ageMs === null ? null : state.ageMs + elapsedMs }
}

function ended(state: StreamReport): StreamReport {
  const zones = Object.fromEntries(Object.entries(state.zones).map(([zone, values]) => [zone, { ...values, count: null }]))
  return {
    ...state,
    status: 'offline',
    running: false,
    count: null,
    occupied: null,
    quality: 'unknown',
    reason: 'headcount has ended',
    cpuFallback: false,
    npu: null,
    zones,
    uniqueLastHour: null,
    fps: 0,
    bufferFps: 0,
  }
}
