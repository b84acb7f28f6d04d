import { randomBytes } from 'node:crypto'
import { AgentError } from '../errors.ts'
import type { AgentView, News, StreamShown } from './agent-view.ts'
import { type EventClient, eventText } from './event-client.ts'
import { EventMemory } from './event-memory.ts'

/** States are told at most five times a second. */
const FLUSH_MS = 200
/** Everything is looked at now and then, so that nothing depends on being told. */
const FLUSHES_PER_LOOK = 5
/** Proxies close a connection on which nothing passes. */
const FLUSHES_PER_HEARTBEAT = 75
const MOST_CLIENTS = 40
/** Stands for all areas among the ids of streams, and is none. */
const AREAS = ' areas'

/**
 * What happens, for everybody who listens: the state of each stream when it changes, areas when they change, events at once. Without a
 * listener only the last events are kept, for those who come back.
 */
export class EventFeed implements Disposable {
  readonly #view: AgentView
  readonly #memory = new EventMemory(randomBytes(6).toString('hex'))
  readonly #clients = new Set<EventClient>()
  readonly #stopNews: () => void
  /** Of each stream, and of all areas, what was told last, without what changes all the time. */
  readonly #told = new Map<string, string>()
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  #flushes = 0

  constructor(view: AgentView) {
    this.#view = view
    this.#stopNews = view.onNews((news) => this.#take(news))
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Throws TOO_MANY_VIEWERS when nobody more may listen. */
  check(): void {
    if (this.#clients.size < MOST_CLIENTS) return
    throw new AgentError('TOO_MANY_VIEWERS', `All ${MOST_CLIENTS} places for listeners are taken.`, {
      remedy: 'Close another listener, or ask GET /api/streams from time to time.',
    })
  }

  /** Tells a listener how things are, what it has missed since `lastEventId`, and from then on what is new. */
  add(client: EventClient, lastEventId: string | null): void {
    if (this.#clients.size === 0) this.#remember()
    const { id, isWhole, texts } = this.#memory.after(lastEventId)
    client.send(eventText('hello', {}, id))
    if (!isWhole) client.send(eventText('missed', {}))
    for (const text of texts) client.send(text)
    for (const stream of this.#view.streams()) client.send(eventText('state', stateData(stream)))
    client.send(eventText('areas', this.#view.areas()))
    this.#clients.add(client)
    client.onGone(() => {
      this.#clients.delete(client)
      if (this.#clients.size === 0) this.#rest()
    })
    this.#timer ??= setInterval(() => this.#flush(), FLUSH_MS)
  }

  /** Ends every listener's connection. */
  [Symbol.dispose](): void {
    this.#stopNews()
    for (const client of this.#clients) client.close()
    this.#rest()
  }

  #take(news: News): void {
    if (news.type === 'event') this.#tell(this.#memory.add({ stream: news.stream, ...news.event }))
    else if (this.#clients.size > 0) this.#changed.add(news.type === 'areas' ? AREAS : news.stream)
  }

  #flush(): void {
    this.#flushes += 1
    if (this.#flushes % FLUSHES_PER_LOOK === 0) {
      for (const id of [AREAS, ...this.#view.streams().map((stream) => stream.id), ...this.#told.keys()]) this.#changed.add(id)
    }
    for (const id of this.#changed) {
      if (id === AREAS) this.#tellAreas()
      else this.#tellStream(id)
    }
    this.#changed.clear()
    if (this.#flushes % FLUSHES_PER_HEARTBEAT === 0) this.#tell(': still here\n\n')
  }

  #tellStream(id: string): void {
    const stream = this.#view.stream(id)
    if (stream === undefined) {
      if (this.#told.delete(id)) this.#tell(eventText('gone', { stream: id }))
      return
    }
    const mark = markOf(stream)
    if (this.#told.get(id) === mark) return
    this.#told.set(id, mark)
    this.#tell(eventText('state', stateData(stream)))
  }

  #tellAreas(): void {
    const areas = this.#view.areas()
    const mark = JSON.stringify(areas)
    if (this.#told.get(AREAS) === mark) return
    this.#told.set(AREAS, mark)
    this.#tell(eventText('areas', areas))
  }

  /** The first listener hears how things are now; what changes after that is news. */
  #remember(): void {
    for (const stream of this.#view.streams()) this.#told.set(stream.id, markOf(stream))
    this.#told.set(AREAS, JSON.stringify(this.#view.areas()))
  }

  #tell(text: string): void {
    for (const client of this.#clients) client.send(text)
  }

  /** Nobody listens: nothing wakes. */
  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#told.clear()
    this.#changed.clear()
  }
}

function stateData({ id, running, status, fault, state }: StreamShown): Record<string, unknown> {
  return { stream: id, running, status, fault, state }
}

/** What makes a state another one: without clocks, ages and speeds, which are never twice the same. */
function markOf(stream: StreamShown): string {
  const { ts: _ts, ageMs: _ageMs, fps: _fps, bufferFps: _bufferFps, inferenceMs: _inferenceMs, npu: _npu, ...state } = stream.state
  return JSON.stringify(stateData({ ...stream, state }))
}
