import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backend, DetectorOrder, EngineReport, NpuFacts } from '../../agent/engine/messages.ts'
import type { AgentErrorCode, Fault } from '../../agent/errors.ts'

/** What a scripted engine does next: says something, waits for a signal of the test, is deaf to SIGTERM, stands still, ends, or infers. */
export type Step =
  | { readonly say: EngineReport }
  | { readonly until: string }
  | { readonly deaf: true }
  | { readonly freeze: true }
  | { readonly exit: number }
  | { readonly infer: true }

/** What a scripted engine noted. */
export interface Noted {
  readonly pid: number
  readonly backend: string
  readonly life: number
  readonly order?: 'start' | 'attach' | 'detach'
  readonly stream?: string
  readonly cpuFallback?: boolean
  readonly learnt?: number | null
  /** It was given a stream that another living engine had not let go. */
  readonly clash?: string
}

/** The program that plays the engines. */
export const SCRIPTED_ENTRY = new URL('./scripted-engine.js', import.meta.url)

export const NPU: NpuFacts = {
  deviceId: '0000:01:00.0',
  chip: 'Hailo-8L',
  firmwareVersion: '4.23.0',
  libraryVersion: '4.23.0',
  model: 'yolov8n.hef',
}

export function fault(code: AgentErrorCode, message = `It says ${code}.`): Fault {
  return { code, message, remedy: 'Wait.' }
}

export function ready(backend: Backend = 'hailo'): Step {
  return { say: { type: 'ready', backend, simulated: true, detectorP99Ms: 1, npu: backend === 'hailo' ? NPU : null } }
}

export function recovering(code: AgentErrorCode, message?: string): Step {
  return { say: { type: 'recovering', fault: fault(code, message) } }
}

export function failed(code: AgentErrorCode, message?: string): Step {
  return { say: { type: 'failed', fault: fault(code, message) } }
}

export function stats(stream: string, learnt: number | null = null, lost = 0): Step {
  const npu = { utilisation: 0.5, temperatureC: 41, batchFill: 0.75, queueAgeMs: 3 }
  const stages = { inference: { p50Ms: 2, p99Ms: 4 } }
  return { say: { type: 'stats', streams: [{ stream, framesLost: lost, resultsLost: 0, learnt }], npu, stages } }
}

/** Engines that do what their scripts say, in a folder of their own. */
export class ScriptedEngines implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'headcount-scripted-'))
  readonly env: NodeJS.ProcessEnv = { ...process.env, SCRIPTED_ENGINES: this.dir }

  /** By backend, one script a life; later lives do as the last. */
  constructor(scripts: Readonly<Partial<Record<Backend, readonly (readonly Step[])[]>>>) {
    writeFileSync(join(this.dir, 'scripts'), JSON.stringify(scripts))
  }

  /** Lets those go on that wait for this signal. */
  signal(name: string): void {
    writeFileSync(join(this.dir, name), '')
  }

  get noted(): readonly Noted[] {
    const path = join(this.dir, 'log')
    if (!existsSync(path)) return []
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as Noted)
  }

  /** Every process there has been. */
  get pids(): readonly number[] {
    return [...new Set(this.noted.map(({ pid }) => pid))]
  }

  /** The streams that the engines with this backend were given, in order, as `life:stream`. */
  attached(backend: Backend): readonly string[] {
    return this.noted.flatMap((each) => (each.order === 'attach' && each.backend === backend ? `${each.life}:${each.stream ?? ''}` : []))
  }

  lives(backend: Backend): number {
    return this.noted.filter((each) => each.order === 'start' && each.backend === backend).length
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

export function detectorOrder(backend: Backend, cpuFallback = false): DetectorOrder {
  return {
    backend,
    model: null,
    hefFolders: [],
    devices: 'all',
    cpuFallback,
    scoreThreshold: 0.3,
    iouThreshold: 0.45,
    batchSize: 2,
    maxBatch: cpuFallback ? 4 : 8,
    hog: { people: 'auto', searchHeight: 'auto', stride: 8, scale: 1.05, hitThreshold: 'auto' },
    tracking: { buffer: 30, confirmFrames: 3 },
  }
}
