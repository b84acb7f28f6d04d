import { setTimeout as sleep } from 'node:timers/promises'
import type { Ring } from 'hailort-node/ring'
import { AgentVitals } from './agent-vitals.ts'
import type { Announcer } from './announcer.ts'
import type { Area } from './counting/areas.ts'
import type { Finding } from './doctor/finding.ts'
import { InsideProcess } from './doctor/inside-process.ts'
import { AgentError } from './errors.ts'
import { systemFacts } from './health/system-facts.ts'
import type { Vitals } from './health/vitals.ts'
import type { Bucket } from './history/buckets.ts'
import type { History } from './history/history.ts'
import {
  type AgentView,
  type AreaShown,
  type Health,
  type HistoryQuery,
  type News,
  type SourceReport,
  type StreamShown,
  unknownArea,
  unknownLine,
  unknownStream,
} from './http/agent-view.ts'
import type { Ledger } from './ledger.ts'
import type { KeptLog } from './log.ts'
import type { NewsHub } from './news-hub.ts'
import { SourceTests } from './source-tests.ts'
import type { StreamChanges, StreamChangesParts } from './stream-changes.ts'
import { streamShown } from './stream-shown.ts'
import type { Detection } from './supervise/detection.ts'
import type { Stream } from './supervise/stream.ts'

export interface ControlParts extends Pick<StreamChangesParts, 'loaded' | 'streams'> {
  readonly changes: StreamChanges
  readonly areas: readonly Area[]
  readonly engine: Detection
  readonly history: Pick<History, 'query'>
  readonly ledger: Ledger
  readonly news: NewsHub
  readonly log: Pick<KeptLog, 'logLines'>
  readonly announcer: Announcer
  readonly captureEnv: NodeJS.ProcessEnv
  /** Where HTTP listens. */
  readonly httpPort: () => number
}

const WARMUP_LOOK_MS = 50

/** What people and programs may ask of the running agent, whatever way they come: HTTP now, MQTT commands too. */
export class AgentControl implements AgentView {
  readonly #parts: ControlParts
  readonly #doctor = new InsideProcess(process.env)
  readonly #changes: StreamChanges
  readonly #vitals: AgentVitals
  readonly #sourceTests: SourceTests

  constructor(parts: ControlParts) {
    this.#parts = parts
    this.#changes = parts.changes
    this.#vitals = new AgentVitals(parts)
    this.#sourceTests = new SourceTests(parts.captureEnv)
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
    await this.#parts.streams.start(this.#known(id).id)
  }

  async stop(id: string): Promise<void> {
    await this.#parts.streams.stop(this.#known(id).id)
  }

  async restart(id: string): Promise<void> {
    await this.#parts.streams.restart(this.#known(id).id)
  }

  /** Stops every stream and the engine; the next start of a stream brings the engine back. */
  async stopAll(): Promise<void> {
    const { streams, engine } = this.#parts
    await streams.stopAll()
    // Somebody may have started one meanwhile.
    if (streams.all.every(({ running }) => !running)) await engine.pause()
  }

  async add(raw: unknown): Promise<StreamShown> {
    return this.#view(await this.#changes.add(raw))
  }

  async patch(id: string, raw: unknown): Promise<StreamShown> {
    return this.#view(await this.#changes.patch(id, raw))
  }

  /**
   * Changes keys of a stream and starts it; throws CONFLICT when it was changed, but somebody has stopped it meanwhile. `allow` is asked as in
   * StreamChanges.
   */
  async patchAndStart(id: string, raw: unknown, allow: () => void): Promise<void> {
    const { streams } = this.#parts
    const asked = streams.mark
    await this.#changes.patch(id, raw, allow)
    if (streams.stoppedSince(asked, id)) {
      throw new AgentError('CONFLICT', `Stream "${id}" was changed, and stopped by somebody meanwhile: it is not started.`, {
        remedy: 'Send START once more if it is to run.',
      })
    }
    await this.start(id)
  }

  async remove(id: string): Promise<void> {
    await this.#changes.remove(id)
    this.#parts.announcer.forget(id)
  }

  async test(raw: unknown, signal: AbortSignal): Promise<SourceReport> {
    return this.#sourceTests.run(raw, signal)
  }

  async processes(): Promise<Readonly<Record<string, unknown>>> {
    const { processes, ringBytes } = await this.vitals()
    return { processes: processes.filter(({ pid }) => pid !== null), ringBytes, system: await systemFacts() }
  }

  async vitals(): Promise<Vitals> {
    return this.#vitals.now()
  }

  areas(): readonly AreaShown[] {
    return this.#parts.announcer.areas()
  }

  async resetTotals(stream: string | null, line: string | null, who: string): Promise<void> {
    const config = stream === null ? null : this.#known(stream).config
    if (line !== null && !config?.lines.some(({ id }) => id === line)) throw unknownLine(stream ?? '', line)
    await this.#parts.ledger.resetTotals(stream, line, who)
  }

  async setInside(area: string, value: number, who: string): Promise<void> {
    if (!this.#parts.areas.some(({ id }) => id === area)) throw unknownArea(area)
    await this.#parts.ledger.setInside(area, value, who)
  }

  history(query: HistoryQuery): AsyncIterable<Bucket> {
    return this.#parts.history.query(query)
  }

  async doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    const { loaded, httpPort } = this.#parts
    return this.#doctor.findings({ file: loaded.file, port: httpPort() }, signal)
  }

  logLines(): readonly string[] {
    return this.#parts.log.logLines()
  }

  onNews(listener: (news: News) => void): () => void {
    return this.#parts.news.listen(listener)
  }

  #known(id: string): Stream {
    const stream = this.#parts.streams.get(id)
    if (!stream) throw unknownStream(id)
    return stream
  }

  #view(stream: Stream): StreamShown {
    return streamShown(stream, this.#parts.engine, this.#parts.ledger)
  }
}
