import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Log } from '../log.ts'

const MODULE = 'hailo_pci'
const PROGRAM = 'modprobe'
/** Where it lies; PATH is not asked, since this may run as root. */
const FOLDERS = ['/usr/sbin', '/sbin']
const LIMIT_MS = 10_000

export interface DriverReload {
  readonly log: Log
  readonly signal: AbortSignal
  /** Absolute folders in which modprobe is looked for. */
  readonly folders?: readonly string[]
  /** For each of the two calls. */
  readonly limitMs?: number
}

/**
 * Unloads the NPU's driver and loads it again, once nobody holds the device. Resolves with whether that worked; what went wrong is one line
 * of the log. Needs root, or CAP_SYS_MODULE.
 */
export async function reloadDriver({ log, signal, folders = FOLDERS, limitMs = LIMIT_MS }: DriverReload): Promise<boolean> {
  const program = folders.map((folder) => join(folder, PROGRAM)).find(isExecutable)
  if (program === undefined) {
    log.error(
      `The NPU's driver cannot be loaded anew: no ${PROGRAM} in ${folders.join(', ')}. Install kmod, or set detector.driverReload to false.`,
    )
    return false
  }
  const run = (args: readonly string[]) =>
    promisify(execFile)(program, args, { env: {}, timeout: limitMs, killSignal: 'SIGKILL', signal, encoding: 'utf8' })
  try {
    await run(['-r', MODULE])
    await run([MODULE])
    log.warn(`The NPU's driver ${MODULE} was loaded anew.`)
    return true
  } catch (error) {
    if (signal.aborted) return false
    const remedy =
      'Run the service as root or with CAP_SYS_MODULE, end other programs that use the NPU, or set detector.driverReload to false.'
    log.error(`The NPU's driver ${MODULE} cannot be loaded anew: ${wordsOf(error, limitMs)}. ${remedy}`)
    return false
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not in this folder
  }
}

function wordsOf(error: unknown, limitMs: number): string {
  const { killed, stderr, message } = error as { killed?: boolean; stderr?: string; message: string }
  if (killed === true) return `${PROGRAM} did not end within ${Math.round(limitMs / 1_000)} s`
  const words = stderr?.trim().split('\n').at(-1) || message
  return words.slice(0, 300).replace(/\.$/, '')
}
