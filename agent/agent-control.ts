import { setTimeout as sleep } from 'node:timers/promises'
import type { Ring } from 'hailort-node/ring'
import { openSource } from './capture/open-source.ts'
import { probeSource } from './capture/probe.ts'
import type { Tree } from './config/layers.ts'
import { composeConfig, type LoadedConfig } from './config/load.ts'
import { type Overrides, withAdded, withPatched, withRemoved, writeOverrides } from './config/overrides.ts'
import { parseStream } from './config/parse-stream.ts'
import type { StreamConfig } from './config/stream-schema.ts'
import type { Finding } from './doctor/finding.ts'
import { AgentError } from './errors.ts'
import { ProcessReader, type ProcessRun } from './health/process-vitals.ts'
import { systemFacts } from './health/system-facts.ts'
import type { Vitals } from './health/vitals.ts'
import type { Bucket } from './history/buckets.ts'
import {
  type AgentView,
  type AreaShown,
  type Health,
  type News,
  type SourceReport,
  type StreamShown,
  unknownArea,
  unknownStream,
} from './http/agent-view.ts'
import type { StatePublisher } from './mqtt/publisher.ts'
import { stateJson } from './mqtt/topics.ts'
import { ringBytes } from './ring/layout.ts'
import { streamReport } from './stream-report.ts'
import type { Detection } from './supervise/detection.ts'
import type { Stream } from './supervise/stream.ts'
import type { Streams } from './supervise/streams.ts'

export interface ControlParts {
  readonly loaded: LoadedConfig
  /** Streams that nobody configured: they run because the configuration names none. */
  readonly defaults: readonly StreamConfig[]
  readonly streams: Streams
  readonly engine: Detection
  readonly publisher: StatePublisher
  readonly captureEnv: NodeJS.ProcessEnv
}

const WARMUP_LOOK_MS = 50
/** Each opens a camera or file in a process of its own. */
const MOST_PROBES = 2

/** What people and programs may ask of the running agent, whatever way they come: HTTP now, MQTT commands too. */
export class AgentControl implements AgentView {
  readonly #parts: ControlParts
  readonly #processes = new ProcessReader()
  #overrides: Overrides
  #probes = 0
  /** Changes of the list of streams, one after the other: each is checked against the one before. */
  #changing: Promise<unknown> = Promise.resolve()

  constructor(parts: ControlParts) {
    this.#parts = parts
    // With the first change they become streams like others; before, nothing is written.
    this.#overrides = parts.defaults.reduce((all, { id, source }) => withAdded(all, id, { source }), parts.loaded.overrides)
  }

  health(): Health {
    const { engine, streams } = this.#parts
    const ready = engine.ready !== null
    const starting = !ready && engine.fault === null && engine.restarts === 0
    const well = ready && streams.all.every((stream) => !stream.running || stream.status === 'online')
    return {
      status: starting ? 'starting' : well ? 'ready' : 'degraded',
      service: 'headcount',
      models: [engine.name],
      ready,
    }
  }

  async warmup(signal: AbortSignal): Promise<void> {
    while (this.#parts.engine.ready === null) await sleep(WARMUP_LOOK_MS, undefined, { signal })
  }

  streams(): readonly StreamShown[] {
    return this.#parts.streams.all.map((stream) => this.#view(stream))
  }

  stream(id: string): StreamShown | undefined {
    const stream = this.#parts.streams.get(id)
    return stream && this.#view(stream)
  }

  ring(id: string): Ring | null | undefined {
    return this.#parts.streams.get(id)?.ring
  }

  passwordSource(id: string): string | null {
    const config = this.#parts.streams.get(id)?.config
    return config?.passwordFile === undefined ? null : config.source
  }

  async start(id: string): Promise<void> {
    this.#known(id).start()
  }

  async stop(id: string): Promise<void> {
    await this.#known(id).stop()
  }

  async restart(id: string): Promise<void> {
    const stream = this.#known(id)
    await stream.stop()
    stream.start()
  }

  /** Stops every stream and the engine; the next start of a stream brings the engine back. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#parts.streams.all.map((stream) => stream.stop()))
    await this.#parts.engine.pause()
  }

  async add(raw: unknown): Promise<StreamShown> {
    return this.#change(async () => {
      const { id } = parseStream(raw)
      if (this.#parts.streams.get(id)) {
        throw new AgentError('CONFLICT', `There is a stream "${id}" already.`, {
          remedy: `Choose another id, or change that stream with PATCH /api/streams/${id}.`,
        })
      }
      const { id: _id, ...settings } = raw as Tree
      const config = await this.#keep(id, withAdded(this.#overrides, id, settings))
      return this.#view(this.#parts.streams.add(config))
    })
  }

  async patch(id: string, raw: unknown): Promise<StreamShown> {
    return this.#change(async () => {
      this.#known(id)
      const { id: given = id, ...settings } = raw as Tree
      if (given !== id) {
        throw new AgentError('BAD_REQUEST', 'The id of a stream cannot be changed.', { remedy: 'Add a new stream and remove this one.' })
      }
      const config = await this.#keep(id, withPatched(this.#overrides, id, settings))
      return this.#view(await this.#parts.streams.replace(config))
    })
  }

  async remove(id: string): Promise<void> {
    await this.#change(async () => {
      this.#known(id)
      const overrides = withRemoved(this.#overrides, id, this.#parts.loaded.values)
      await writeOverrides(this.#parts.loaded.places.stateDir, overrides)
      this.#overrides = overrides
      await this.#parts.streams.remove(id)
      this.#parts.publisher.remove(id)
    })
  }

  async test(raw: unknown, signal: AbortSignal): Promise<SourceReport> {
    const stream = parseStream({ id: 'test', ...(raw as Tree) })
    if (this.#probes >= MOST_PROBES) {
      throw new AgentError('CONFLICT', `${MOST_PROBES} sources are being tested already.`, { remedy: 'Try again when they are done.' })
    }
    this.#probes++
    try {
      return await probeSource(await openSource(stream), { env: this.#parts.captureEnv, signal })
    } finally {
      this.#probes--
    }
  }

  async processes(): Promise<Readonly<Record<string, unknown>>> {
    const { processes, ringBytes } = await this.vitals()
    return { processes: processes.filter(({ pid }) => pid !== null), ringBytes, system: await systemFacts() }
  }

  async vitals(): Promise<Vitals> {
    const { engine, streams } = this.#parts
    const { ready, npu, npuFacts, rung, cpuFallback, stages } = engine
    const rings = streams.all.flatMap(({ ring }) => ring ?? [])
    return {
      detection: {
        ready: ready !== null,
        backend: ready?.backend ?? null,
        simulated: ready?.simulated ?? false,
        cpuFallback,
        npuFacts,
        npu,
        npuRung: rung,
        stages,
      },
      processes: await this.#processes.now(this.#runs),
      ringBytes: rings.reduce((sum, { geometry }) => sum + ringBytes(geometry), 0),
    }
  }

  areas(): readonly AreaShown[] {
    return []
  }

  async resetTotals(_stream: string | null, _line: string | null, _who: string): Promise<void> {
    throw new AgentError('NOT_FOUND', 'No totals are counted.', { remedy: 'Update headcount.' })
  }

  async setInside(area: string, _value: number, _who: string): Promise<void> {
    throw unknownArea(area)
  }

  history(): AsyncIterable<Bucket> {
    throw new AgentError('NOT_FOUND', 'No history is kept.', { remedy: 'Update headcount.' })
  }

  async doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    const { examineThisMachine } = await import('./doctor/doctor.ts')
    return examineThisMachine(process.env, signal)
  }

  logLines(): readonly string[] {
    return []
  }

  onNews(_listener: (news: News) => void): () => void {
    return () => undefined
  }

  /** Every process of headcount, also one that is down now. */
  get #runs(): readonly ProcessRun[] {
    const { engine, streams } = this.#parts
    return [
      { title: process.title, pid: process.pid, restarts: 0, uptimeS: process.uptime() },
      ...engine.processes.map(({ uptimeMs, ...each }) => ({ ...each, uptimeS: uptimeMs / 1_000 })),
      ...streams.all.flatMap(({ id, capture }) =>
        capture === null
          ? []
          : [{ title: `headcount: capture ${id}`, pid: capture.pid, restarts: capture.restarts, uptimeS: capture.uptimeMs / 1_000 }],
      ),
    ]
  }

  /** Says the state of a stream on MQTT; the publisher decides what is news. */
  publish(stream: Stream): void {
    this.#parts.publisher.update(stream.id, streamReport(stream, this.#parts.engine))
  }

  /** Time has passed: ages grow, a silent engine is noticed. */
  tick(): void {
    const { streams, engine } = this.#parts
    for (const stream of streams.all) this.publish(stream)
    engine.watch(streams.all)
  }

  #known(id: string): Stream {
    const stream = this.#parts.streams.get(id)
    if (!stream) throw unknownStream(id)
    return stream
  }

  #view(stream: Stream): StreamShown {
    const state = streamReport(stream, this.#parts.engine)
    const { found } = stream.view()
    return {
      id: stream.id,
      running: state.running,
      status: state.status,
      state: JSON.parse(stateJson(state)) as Record<string, unknown>,
      fps: state.fps,
      bufferFps: state.bufferFps,
      personCount: state.count,
      totalDetections: found,
      framesCaptured: stream.framesCaptured,
      framesDetected: stream.framesDetected,
      ...this.#parts.engine.lost(stream.id),
      cpuFallback: state.cpuFallback,
      fault: stream.fault ?? (stream.running ? this.#parts.engine.fault : null),
      geometry: { zones: stream.config.zones, lines: stream.config.lines },
    }
  }

  /** Checks a change against the whole configuration, keeps it for the next start, and returns the stream as it is now. */
  async #keep(id: string, overrides: Overrides): Promise<StreamConfig> {
    const { values, places } = this.#parts.loaded
    const { config } = composeConfig({ values, overrides, env: process.env, places, path: null })
    const stream = config.streams.find((each) => each.id === id)
    if (!stream) throw unknownStream(id)
    await writeOverrides(places.stateDir, overrides)
    this.#overrides = overrides
    return stream
  }

  #change<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => undefined) // The one who asked hears of it.
    return changed
  }
}
