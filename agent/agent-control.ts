import { setTimeout as sleep } from 'node:timers/promises'
import type { Ring } from 'hailort-node/ring'
import { areaReport } from './area-report.ts'
import { openSource } from './capture/open-source.ts'
import { probeSource } from './capture/probe.ts'
import type { Tree } from './config/layers.ts'
import { parseStream } from './config/parse-stream.ts'
import type { Area } from './counting/areas.ts'
import type { Finding } from './doctor/finding.ts'
import { InsideProcess } from './doctor/inside-process.ts'
import { AgentError } from './errors.ts'
import { ProcessReader, type ProcessRun } from './health/process-vitals.ts'
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
import type { AreaPublisher } from './mqtt/area-publisher.ts'
import type { StatePublisher } from './mqtt/publisher.ts'
import { type StreamReport, stateJson } from './mqtt/topics.ts'
import type { NewsHub } from './news-hub.ts'
import { ringBytes } from './ring/layout.ts'
import type { StreamChanges, StreamChangesParts } from './stream-changes.ts'
import { streamReport } from './stream-report.ts'
import type { Detection } from './supervise/detection.ts'
import type { Stream } from './supervise/stream.ts'

export interface ControlParts extends Pick<StreamChangesParts, 'loaded' | 'streams'> {
  readonly changes: StreamChanges
  readonly areas: readonly Area[]
  readonly engine: Detection
  readonly history: Pick<History, 'query'>
  readonly ledger: Ledger
  readonly news: NewsHub
  readonly areaPublisher: AreaPublisher
  readonly log: Pick<KeptLog, 'logLines'>
  readonly publisher: StatePublisher
  readonly captureEnv: NodeJS.ProcessEnv
  /** Where HTTP listens. */
  readonly httpPort: () => number
}

const WARMUP_LOOK_MS = 50
/** Each opens a camera or file in a process of its own. */
const MOST_PROBES = 2

/** What people and programs may ask of the running agent, whatever way they come: HTTP now, MQTT commands too. */
export class AgentControl implements AgentView {
  readonly #parts: ControlParts
  readonly #processes = new ProcessReader()
  readonly #doctor = new InsideProcess(process.env)
  readonly #changes: StreamChanges
  #probes = 0

  constructor(parts: ControlParts) {
    this.#parts = parts
    this.#changes = parts.changes
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
    this.#parts.publisher.remove(id)
    this.#parts.ledger.forget(id)
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
    // Before anything is waited for: a ring may be closed a moment later.
    const bytes = streams.all.flatMap(({ ring }) => (ring ? ringBytes(ring.geometry) : []))
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
      ringBytes: bytes.reduce((sum, each) => sum + each, 0),
    }
  }

  areas(): readonly AreaShown[] {
    const { areas, streams, ledger } = this.#parts
    return areas.map((area) => areaReport(area, streams, ledger))
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

  /** Something about a stream may be news: to MQTT, where the publisher decides, to the minutes of history, and to pages that listen. */
  publish(stream: Stream): void {
    const report = this.#report(stream)
    this.#parts.publisher.update(stream.id, report)
    this.#parts.ledger.observe(stream.id, report.count)
    this.#parts.news.tell({ type: 'state', stream: stream.id })
  }

  /** Something that is said of streams or areas may be news. */
  publishAll(): void {
    for (const stream of this.#parts.streams.all) this.publish(stream)
    const areas = this.areas()
    for (const { id, inside } of areas) this.#parts.areaPublisher.update(id, inside)
    if (areas.length > 0) this.#parts.news.tell({ type: 'areas' })
  }

  /** Time has passed: ages grow, a silent engine is noticed. */
  tick(): void {
    this.publishAll()
    this.#parts.engine.watch(this.#parts.streams.all)
  }

  #known(id: string): Stream {
    const stream = this.#parts.streams.get(id)
    if (!stream) throw unknownStream(id)
    return stream
  }

  #report(stream: Stream): StreamReport {
    return streamReport(stream, this.#parts.engine, this.#parts.ledger)
  }

  #view(stream: Stream): StreamShown {
    const state = this.#report(stream)
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
}
