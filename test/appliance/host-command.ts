import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Ran {
  /** Exit code; null when a signal, or the limit, ended it. */
  readonly code: number | null
  readonly stdout: string
  /** stdout and stderr, in the order in which they came. */
  readonly output: string
}

export interface CommandOptions {
  readonly limitMs?: number
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  readonly signal?: AbortSignal | undefined
  /** Told everything as it comes. */
  readonly onOutput?: (text: string) => void
}

const LIMIT_MS = 60_000

/** Runs a program of this machine to its end, bounded in time; how it ended is for the caller to judge. */
export async function runCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Ran> {
  const { limitMs = LIMIT_MS, env = process.env, input, signal, onOutput } = options
  const limit = AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])])
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'], signal: limit, killSignal: 'SIGKILL' })
  let stdout = ''
  let output = ''
  const take = (text: string) => {
    output += text
    onOutput?.(text)
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    take(text)
  })
  child.stderr.setEncoding('utf8').on('data', take)
  child.on('error', (error) => take(`${program}: ${error.message}\n`))
  // A program that does not read what it is given is no fault of ours.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  await once(child, 'close').catch(() => undefined)
  return { code: child.exitCode, stdout, output }
}

/** The same for what has to succeed: gives what it said on stdout. */
export async function mustRun(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, output } = await runCommand(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${output.slice(-4_000)}`)
  return stdout
}
