import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A program with its arguments; never a shell line. */
export type CommandWords = readonly [program: string, ...args: string[]]

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly signal: AbortSignal
}

/** What a program said, and whether it ended well. A program that is not there has not ended well. */
export interface ProgramEnd {
  readonly ok: boolean
  readonly output: string
  readonly complaint: string
}

/** Runs a program to its end; aborting kills it. */
export async function runProgram([program, ...args]: CommandWords, { env, cwd, signal }: ProgramOptions): Promise<ProgramEnd> {
  const child = spawn(program, args, { env, cwd, signal, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { output: '', complaint: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.complaint += text))
  const ok = await once(child, 'close').then(
    ([code]) => code === 0,
    (error: unknown) => {
      said.complaint += String(error)
      return false
    },
  )
  return { ok, ...said }
}

/** Feeds the output of one program into a second and that one's output into `target`; rejects when the second fails. */
export async function pipePrograms(
  first: CommandWords,
  second: CommandWords,
  { target, env, signal }: { readonly target: Writable } & Omit<ProgramOptions, 'cwd'>,
): Promise<void> {
  const source = start(first, { env, signal })
  const filter = start(second, { env, signal })
  // The second may have enough before the first has said all (tar stops at the end mark, padding follows). What it lacked, it tells.
  const fed = Promise.allSettled([pipeline(source.stdout, filter.stdin), source.ended])
  await Promise.all([pipeline(filter.stdout, target), filter.ended])
  await fed
}

function start(
  [program, ...args]: CommandWords,
  { env, signal }: Omit<ProgramOptions, 'cwd'>,
): { stdin: Writable; stdout: Readable; ended: Promise<void> } {
  const child = spawn(program, args, { env, signal, killSignal: 'SIGKILL', stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${program} ended with exit code ${String(code)}`)
  })
  return { stdin: child.stdin, stdout: child.stdout, ended }
}
