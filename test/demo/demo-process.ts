import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '../support/eventually.ts'

interface DemoOptions {
  readonly programs?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** Of the environment. */
  readonly more?: NodeJS.ProcessEnv
}

/** A running demo with a home and a tmpfs folder of its own. */
export class Demo implements AsyncDisposable {
  readonly process: ChildProcess
  readonly home: string
  readonly runtime: string
  said = ''

  private constructor(process: ChildProcess, home: string, runtime: string) {
    this.process = process
    this.home = home
    this.runtime = runtime
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said += text
    })
  }

  /** Without a data folder there is no clip: apt is one that knows no package. */
  static async start(dataDir: string | null, { programs = {}, args = [], more = {} }: DemoOptions = {}): Promise<Demo> {
    const home = await mkdtemp(join(tmpdir(), 'headcount-demo-'))
    for (const [name, script] of Object.entries({ 'apt-cache': 'exit 100', ...programs })) {
      await writeFile(join(home, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    }
    const runtime = join(await mkdtemp('/dev/shm/headcount-demo-'), 'runtime')
    const main = fileURLToPath(new URL('../../agent/main.js', import.meta.url))
    const env = {
      HOME: home,
      PATH: `${home}:${process.env['PATH'] ?? ''}`,
      HEADCOUNT_TEST_DATA: dataDir ?? home,
      HEADCOUNT_RUNTIME_DIR: runtime,
      LC_ALL: 'C.UTF-8',
      ...more,
    }
    return new Demo(spawn(process.execPath, [main, 'demo', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] }), home, runtime)
  }

  /** Waits until the demo has said what fits, and gives its first group. */
  async hears(pattern: RegExp): Promise<string> {
    return eventually(
      () => {
        if (this.process.exitCode !== null) throw new Error(`the demo has ended:\n${this.said}`)
        return pattern.exec(this.said)?.[1]
      },
      { what: `the demo says ${String(pattern)}`, withinMs: 60_000, log: () => this.said },
    )
  }

  async exited(): Promise<number | NodeJS.Signals | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit')
    return this.process.exitCode ?? this.process.signalCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL')
    await this.exited()
    await rm(this.home, { recursive: true, force: true })
    await rm(dirname(this.runtime), { recursive: true, force: true })
  }
}
