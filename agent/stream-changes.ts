import { type FoundCameras, streamInstead } from './config/default-streams.ts'
import type { Tree } from './config/layers.ts'
import { composeConfig, type LoadedConfig } from './config/load.ts'
import { type Overrides, withAdded, withPatched, withRemoved, writeOverrides } from './config/overrides.ts'
import { parseStream, refuseUnknownNulls } from './config/parse-stream.ts'
import type { Config } from './config/schema.ts'
import type { StreamConfig } from './config/stream-schema.ts'
import { AgentError } from './errors.ts'
import { unknownStream } from './http/agent-view.ts'
import type { Stream } from './supervise/stream.ts'
import type { Streams } from './supervise/streams.ts'
import { Turns } from './turns.ts'

export interface StreamChangesParts {
  readonly loaded: LoadedConfig
  /** Streams that nobody configured: they run because the configuration names none. Those of the start: they may take another camera. */
  readonly defaults: readonly StreamConfig[]
  readonly streams: Streams
}

/** A change waits no longer for the one before: a card that answers no more must not gather them. */
const LONGEST_WAIT_MS = 10_000

/** Changes the list of streams while the agent runs, and keeps that for the next start. Each change is checked against the whole configuration. */
export class StreamChanges {
  readonly #parts: StreamChangesParts
  #overrides: Overrides
  /** Somebody has changed the list: what is in it is kept. */
  #configured = false
  /** One after the other: each is checked against the one before. */
  readonly #turns = new Turns(LONGEST_WAIT_MS)

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
    const followed = this.#turns.take(async () => {
      const stream = this.unconfigured
      const instead = stream && streamInstead(stream, found)
      if (!instead) return null
      this.#overrides = withAdded(this.#overrides, instead.id, { source: instead.source })
      return this.#parts.streams.replace(instead)
    })
    return followed.catch((error: unknown) => {
      if (error instanceof AgentError) return null // Behind a change that hangs.
      throw error
    })
  }

  /** Adds a stream and starts it, unless all were stopped meanwhile. `raw` has the keys of a stream, unchecked. */
  add(raw: unknown): Promise<Stream> {
    const { streams } = this.#parts
    const asked = streams.mark
    return this.#turns.take(async () => {
      const { id } = parseStream(raw)
      if (streams.get(id)) {
        throw new AgentError('CONFLICT', `There is a stream "${id}" already.`, {
          remedy: `Choose another id, or change that stream with PATCH /api/streams/${id}.`,
        })
      }
      const { id: _id, ...settings } = raw as Tree
      const config = await this.#keep(id, withAdded(this.#overrides, id, settings))
      return streams.add(config, { running: !streams.stoppedSince(asked, id) })
    })
  }

  /**
   * Changes keys of a stream, of which `null` takes one back to its default; it runs as before. `allow` throws what speaks against it; it is
   * asked when all earlier changes are made.
   */
  patch(id: string, raw: unknown, allow: () => void = () => undefined): Promise<Stream> {
    return this.#turns.take(async () => {
      this.#known(id)
      allow()
      const { id: given = id, ...settings } = raw as Tree
      if (given !== id) {
        throw new AgentError('BAD_REQUEST', 'The id of a stream cannot be changed.', { remedy: 'Add a new stream and remove this one.' })
      }
      refuseUnknownNulls(settings)
      const overrides = withPatched(this.#overrides, id, settings, this.#parts.loaded.values)
      return this.#parts.streams.replace(await this.#keep(id, overrides))
    })
  }

  /** Stops a stream and removes it. Refused while an area has an entrance there: the next start would refuse the configuration. */
  remove(id: string): Promise<void> {
    return this.#turns.take(async () => {
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
}
