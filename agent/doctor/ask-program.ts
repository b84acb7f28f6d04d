import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs a program of the system and returns what it printed; null: there is none of that name, it failed, or it took too long. */
export type AskProgram = (program: string, args: readonly string[], limitMs?: number) => Promise<string | null>

const LIMIT_MS = 3_000
const LONGEST_OUTPUT = 16 * 1024 * 1024

/** Without a shell, in English, and ended after 3 s unless told otherwise. */
export const askProgram: AskProgram = async (program, args, limitMs = LIMIT_MS) => {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: process.env['TZ'] },
      timeout: limitMs,
      killSignal: 'SIGKILL',
      maxBuffer: LONGEST_OUTPUT,
    })
    return stdout
  } catch (_) {
    return null // A machine without it is no fault; who asks says what that means.
  }
}
