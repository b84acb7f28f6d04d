import type { DeviceIdentity, LibraryInfo } from 'hailort-node/hailort'
import { askProcess } from './probe-process.ts'

/** What HailoRT or its binding refused. */
export interface ProbeFault {
  /** For example LIBRARY_MISSING or HAILO_DEVICE_IN_USE. */
  readonly code: string
  readonly what: string
  readonly remedy: string
}

/** Another process has the device: 73, or 74 where no device was named. */
export function isBusy({ code }: ProbeFault): boolean {
  return code === 'HAILO_DEVICE_IN_USE' || code === 'HAILO_OUT_OF_PHYSICAL_DEVICES'
}

/** A device as far as it answered. */
export interface ProbedDevice {
  readonly id: string
  /** null: it was not asked, or did not answer. */
  readonly identity: DeviceIdentity | null
  /** Why it did not answer. */
  readonly fault: ProbeFault | null
}

/** What HailoRT says of itself and its devices. */
export type NpuProbe =
  | {
      readonly state: 'answered'
      readonly library: LibraryInfo
      readonly devices: readonly ProbedDevice[]
      readonly scanFault: ProbeFault | null
    }
  /** No library that can be used. */
  | { readonly state: 'failed'; readonly fault: ProbeFault }
  /** It said nothing in time. */
  | { readonly state: 'hung'; readonly limitMs: number }
  /** Loading or asking ended the process. */
  | { readonly state: 'died'; readonly how: string }

export interface ProbeOptions {
  readonly env: NodeJS.ProcessEnv
  /** Open the devices and ask who they are. It takes them for a moment: not while somebody uses them. */
  readonly identify: boolean
  /** Ends the question: it rejects with the reason. */
  readonly signal?: AbortSignal
  readonly limitMs?: number
}

/** Opening a device that is well takes below a second, also with firmware to load. */
const LIMIT_MS = 10_000
const ENTRY = new URL('./npu-probe-child.js', import.meta.url)

/** Asks HailoRT in a process of its own: a library or a driver that hangs or crashes takes nothing with it. Returns within the limit. */
export async function probeNpu({ env, identify, signal, limitMs = LIMIT_MS }: ProbeOptions): Promise<NpuProbe> {
  const outcome = await askProcess<NpuProbe>({ entry: ENTRY, args: [identify ? 'identify' : 'scan'], env, limitMs, signal })
  return outcome.state === 'answered' ? outcome.answer : outcome
}
