import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const child = fileURLToPath(new URL('child.js', import.meta.url))
const LIMIT_MS = 60_000

export interface Scene extends Disposable {
  readonly folder: string
  /** HAILORT_SIM_CONTROL of every process of the scene. */
  readonly control: string
  /** Replaces the control file whole. */
  order(control: object): void
  /** Runs a scenario to its end. */
  run(area: string, name: string, env?: NodeJS.ProcessEnv): Promise<Outcome>
  /** Starts one that goes on by itself; it is killed at the end of the scene. */
  start(area: string, name: string): ChildProcess & { stdout: NodeJS.ReadableStream }
}

export interface Outcome {
  /** What the scenario printed, parsed. */
  readonly result: unknown
  readonly stderr: string
  readonly signal: NodeJS.Signals | null
}

export function writeControl(path: string, control: object): void {
  writeFileSync(`${path}.new`, JSON.stringify(control))
  renameSync(`${path}.new`, path)
}

/** A folder with a control file, for processes that use the simulator. */
export function scene(control: object = {}): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-sim-'))
  const path = join(folder, 'control.json')
  writeControl(path, control)
  const env = { ...process.env, HAILORT_SIM_CONTROL: path, HAILORT_LOGGER_PATH: 'NONE', UV_THREADPOOL_SIZE: '8' }
  const started = new Set<ChildProcess>()
  const spawnChild = (area: string, name: string, more: NodeJS.ProcessEnv = {}) => {
    const process_ = spawn(process.execPath, [child, area, name], { env: { ...env, ...more }, cwd: folder, timeout: LIMIT_MS })
    started.add(process_)
    process_.once('exit', () => started.delete(process_))
    return process_
  }
  return {
    folder,
    control: path,
    order: (next) => writeControl(path, next),
    async run(area, name, more) {
      const process_ = spawnChild(area, name, more)
      let stdout = ''
      let stderr = ''
      process_.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
      process_.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
      const [code, signal] = (await once(process_, 'close')) as [number | null, NodeJS.Signals | null]
      if (code !== 0 && signal === null) throw new Error(`The scenario ${name} failed:\n${stderr}`)
      return { result: stdout === '' ? null : (JSON.parse(stdout) as unknown), stderr, signal }
    },
    start: (area, name) => spawnChild(area, name),
    [Symbol.dispose]: () => {
      for (const process_ of started) process_.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
