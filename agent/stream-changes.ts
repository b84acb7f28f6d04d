import { type FoundCameras, streamInstead } from './config/default-streams.ts'
import type { Tree } from './config/layers.ts'
import { composeConfig, type LoadedConfig } from './config/load.ts'
import { type Overrides, withAdded, withPatched, withRemoved, writeOverrides } from './config/overrides.ts'
import { parseStream } from './config/parse-stream.ts'
import type { Config } from './config/schema.ts'
import type { StreamConfig } from './config/stream-schema.ts'
import { AgentError } from './errors.ts'
import { unknownStream } from './http/agent-view.ts'
import type { Stream } from './supervise/stream.ts'
import type { Streams } from './supervise/streams.ts'

export interface StreamChangesParts {
  readonly loaded: LoadedConfig
  /** Streams that nobody configured: they run because the configuration names none. Those of the start: they may take another camera. */
  readonly defaults: readonly StreamConfig[]
  readonly streams: Streams
}

/** Changes the list of streams while the agent runs, and keeps that for the next start. Each change is checked against the whole configuration. */
export class StreamChanges {
  readonly #parts: StreamChangesParts
  #overrides: Overrides
  /** Somebody has changed the list: what is in it is kept. */
  #configured = false
  /** One after the other: each is checked against the one before. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(parts: StreamChangesParts) {
    this.#parts = parts
    // With the first change they become streams like others; before, nothing is written.
    this.#overrides = parts.defaults.reduce((all, { id, source }) => withAdded(all, id, { source }), parts.loaded.overrides)
  }

  /** The stream that runs because none is configured; null from the first change on: then it is a stream like others. */
  get unconfigured(): Stream | null {
    const [first] = this.#parts.defaults
    return this.#configured || first === undefined ? null : (this.#parts.streams.get(first.id) ?? null)
  }

  /** Lets the stream that nobody configured take the camera that is there now; it stays unconfigured. null: it stays as it is. */
  follow(found: FoundCameras): Promise<Stream | null> {
    return this.#change(async () => {
      const stream = this.unconfigured
      const instead = stream && streamInstead(stream, found)
      if (!instead) return null
      this.#overrides = withAdded(this.#overrides, instead.id, { source: instead.source })
      return this.#parts.streams.replace(instead)
    })
  }

  /** Adds a stream and starts it. `raw` has the keys of a stream, unchecked. */
  add(raw: unknown): Promise<Stream> {
    return this.#change(async () => {
      const { id } = parseStream(raw)
      if (this.#parts.streams.get(id)) {
        throw new AgentError('CONFLICT', `There is a stream "${id}" already.`, {
          remedy: `Choose another id, or change that stream with PATCH /api/streams/${id}.`,
        })
      }
      const { id: _id, ...settings } = raw as Tree
      return this.#parts.streams.add(await this.#keep(id, withAdded(this.#overrides, id, settings)))
    })
  }

  /** Changes keys of a stream; it runs as before. */
  patch(id: string, raw: unknown): Promise<Stream> {
    return this.#change(async () => {
      this.#known(id)
      const { id: given = id, ...settings } = raw as Tree
      if (given !== id) {
        throw new AgentError('BAD_REQUEST', 'The id of a stream cannot be changed.', { remedy: 'Add a new stream and remove this one.' })
      }
      return this.#parts.streams.replace(await this.#keep(id, withPatched(this.#overrides, id, settings)))
    })
  }

  /** Stops a stream and removes it. Refused while an area has an entrance there: the next start would refuse the configuration. */
  remove(id: string): Promise<void> {
    return this.#change(async () => {
      this.#known(id)
      const overrides = withRemoved(this.#overrides, id, this.#parts.loaded.values)
      this.#compose(overrides)
      await this.#write(overrides)
      await this.#parts.streams.remove(id)
    })
  }

  async #keep(id: string, overrides: Overrides): Promise<StreamConfig> {
    const stream = this.#compose(overrides).streams.find((each) => each.id === id)
    if (!stream) throw unknownStream(id)
    await this.#write(overrides)
    return stream
  }

  #compose(overrides: Overrides): Config {
    const { values, places } = this.#parts.loaded
    return composeConfig({ values, overrides, env: process.env, places, path: null }).config
  }

  async #write(overrides: Overrides): Promise<void> {
    await writeOverrides(this.#parts.loaded.places.stateDir, overrides)
    this.#overrides = overrides
    this.#configured = true
  }

  #known(id: string): void {
    if (!this.#parts.streams.get(id)) throw unknownStream(id)
  }

  #change<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => undefined) // The one who asked hears of it.
    return changed
  }
}
