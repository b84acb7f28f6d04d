import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Log } from '../log.ts'

const MODULE = 'hailo_pci'
const PROGRAM = 'modprobe'
/** Where it lies; PATH is not asked, since this may run as root. */
const FOLDERS = ['/usr/sbin', '/sbin']
const LIMIT_MS = 10_000
/** What was unloaded is to come back: without its driver the machine has no NPU, also for whoever comes after us. */
const LOAD_TRIES = 3
const RETRY_MS = 1_000

export interface DriverReload {
  readonly log: Log
  readonly signal: AbortSignal
  /** Absolute folders in which modprobe is looked for. */
  readonly folders?: readonly string[]
  /** For each call. */
  readonly limitMs?: number
  /** Between two tries to load it. */
  readonly retryMs?: number
}

/**
 * Unloads the NPU's driver and loads it again, once nobody holds the device. Resolves with whether that worked; what went wrong is one line
 * of the log. `signal` ends the unloading; a driver that was unloaded is loaded all the same. Needs root, or CAP_SYS_MODULE.
 */
export async function reloadDriver({ log, signal, folders = FOLDERS, limitMs = LIMIT_MS, retryMs }: DriverReload): Promise<boolean> {
  const program = folders.map((folder) => join(folder, PROGRAM)).find(isExecutable)
  if (program === undefined) {
    log.error(
      `The NPU's driver cannot be loaded anew: no ${PROGRAM} in ${folders.join(', ')}. Install kmod, or set detector.driverReload to false.`,
    )
    return false
  }
  const modprobe: Modprobe = (args, until) =>
    promisify(execFile)(program, args, { env: {}, timeout: limitMs, killSignal: 'SIGKILL', encoding: 'utf8', ...until })
  try {
    await modprobe(['-r', MODULE], { signal })
  } catch (error) {
    if (signal.aborted) return false
    const remedy =
      'Run the service as root or with CAP_SYS_MODULE, end other programs that use the NPU, or set detector.driverReload to false.'
    log.error(`The NPU's driver ${MODULE} cannot be loaded anew: ${wordsOf(error, limitMs)}. ${remedy}`)
    return false
  }
  try {
    await load(modprobe, signal, retryMs)
    log.warn(`The NPU's driver ${MODULE} was loaded anew.`)
    return true
  } catch (error) {
    const remedy = `Run "sudo modprobe ${MODULE}" or restart the machine; without its driver the NPU is not found.`
    log.error(`The NPU's driver ${MODULE} was unloaded and cannot be loaded: ${wordsOf(error, limitMs)}. ${remedy}`)
    return false
  }
}

type Modprobe = (args: readonly string[], until?: { readonly signal: AbortSignal }) => Promise<unknown>

/** At least one try is made to its end, whatever `signal` says. */
async function load(modprobe: Modprobe, signal: AbortSignal, retryMs = RETRY_MS): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await modprobe([MODULE])
      return
    } catch (error) {
      if (tries === LOAD_TRIES || signal.aborted) throw error
      await sleep(retryMs)
    }
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
