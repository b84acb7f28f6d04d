import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EvalReport } from '../../agent/eval/report.ts'

const main = fileURLToPath(new URL('../../agent/main.js', import.meta.url))

/** The caller's environment without what would configure headcount or its NPU. */
function plainEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HEADCOUNT|HAILORT)_/.test(name)))
}

/** Files for `headcount eval`, with state, cache and rings of its own; gone with its scope. */
export class EvalFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'headcount-eval-'))
  readonly runtimeDir = mkdtempSync('/dev/shm/headcount-eval-')
  readonly env: NodeJS.ProcessEnv = {
    ...plainEnv(),
    HEADCOUNT_TEST: '1',
    HEADCOUNT_STATE_DIR: join(this.path, 'state'),
    HEADCOUNT_RUNTIME_DIR: this.runtimeDir,
    XDG_CACHE_HOME: join(this.path, 'cache'),
  }

  file(name: string): string {
    return join(this.path, name)
  }

  /** Writes a file and returns its path; what is no text is written as JSON. */
  write(name: string, content: unknown): string {
    writeFileSync(this.file(name), typeof content === 'string' ? content : JSON.stringify(content))
    return this.file(name)
  }

  /** Starts `headcount eval` as a person would. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [main, 'eval', ...args], { env: { ...this.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const text = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text.out += more
    })
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      text.err += more
    })
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...text }))
    return { child, text, ended }
  }

  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    return this.start(args, env).ended
  }

  /** The report of a run that must succeed and has nothing else to say. */
  async report(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<EvalReport> {
    const { code, out, err } = await this.run([...args, '--json'], env)
    if (code !== 0) throw new Error(`headcount eval ended with ${code}:\n${err}`)
    return JSON.parse(out) as EvalReport
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
    rmSync(this.runtimeDir, { recursive: true, force: true })
  }
}
