import { ProcessReader, type ProcessRun } from './health/process-vitals.ts'
import type { Vitals } from './health/vitals.ts'
import { ringBytes } from './ring/layout.ts'
import type { Detection } from './supervise/detection.ts'
import type { Streams } from './supervise/streams.ts'

/** How detection and the processes of the agent are doing. */
export class AgentVitals {
  readonly #engine: Detection
  readonly #streams: Pick<Streams, 'all'>
  readonly #processes = new ProcessReader()

  constructor({ engine, streams }: { engine: Detection; streams: Pick<Streams, 'all'> }) {
    this.#engine = engine
    this.#streams = streams
  }

  async now(): Promise<Vitals> {
    const { ready, npu, npuFacts, rung, cpuFallback, stages } = this.#engine
    // Before anything is waited for: a ring may be closed a moment later.
    const bytes = this.#streams.all.flatMap(({ ring }) => (ring ? ringBytes(ring.geometry) : []))
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

  /** Every process of headcount, also one that is down now. */
  get #runs(): readonly ProcessRun[] {
    return [
      { title: process.title, pid: process.pid, restarts: 0, uptimeS: process.uptime() },
      ...this.#engine.processes.map(({ uptimeMs, ...each }) => ({ ...each, uptimeS: uptimeMs / 1_000 })),
      ...this.#streams.all.flatMap(({ id, capture }) =>
        capture === null
          ? []
          : [{ title: `headcount: capture ${id}`, pid: capture.pid, restarts: capture.restarts, uptimeS: capture.uptimeMs / 1_000 }],
      ),
    ]
  }
}
