import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** How a process that was asked something ended. */
export type ProbeOutcome<Answer> =
  | { readonly state: 'answered'; readonly answer: Answer }
  /** It said nothing in time. */
  | { readonly state: 'hung'; readonly limitMs: number }
  /** It ended without an answer. */
  | { readonly state: 'died'; readonly how: string }

export interface ProbeProcess {
  /** A module that ends with answerAndEnd(). It is told our pid first, so that it can end with us. */
  readonly entry: URL
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly limitMs: number
  /** Ends the question: it rejects with the reason. */
  readonly signal?: AbortSignal | undefined
  /** Told when the process is there; `ended` resolves when it is gone, which may be long after the answer. */
  readonly onStart?: (ended: Promise<unknown>) => void
}

const LONGEST_OUTPUT = 1024 * 1024

/** Asks in a process of its own: a library that hangs or crashes takes nothing with it. Returns within the limit. */
export async function askProcess<Answer>({ entry, args, env, limitMs, signal, onStart }: ProbeProcess): Promise<ProbeOutcome<Answer>> {
  signal?.throwIfAborted()
  const words = [fileURLToPath(entry), String(process.pid), ...args]
  // Without descriptors it has no output, and 'error' tells.
  const child: ChildProcess = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < LONGEST_OUTPUT) output += text
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`))
  })
  onStart?.(ended)
  try {
    const how = await Promise.race([ended, sleep(limitMs, null, { ref: false, ...(signal && { signal }) })])
    if (how === null) return { state: 'hung', limitMs }
    const answer = answerIn(output)
    return answer === null ? { state: 'died', how } : { state: 'answered', answer: answer as Answer }
  } finally {
    // In the middle of a system call of a driver it may stay for long after this: nobody waits for it.
    child.kill('SIGKILL')
    child.stdout?.destroy()
    child.unref()
  }
}

/** Its last line; a library may have written others before. */
function answerIn(output: string): unknown {
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  try {
    return JSON.parse(line)
  } catch (_) {
    return null // It ended before it could answer.
  }
}
