import { loadAddon } from './addon.ts'
import type { ChipTemperature, ConfigureOptions, DeviceIdentity, ExtendedInformation, LibraryInfo, ResetMode } from './hailort.ts'
import type { NativeModel } from './hailort-model.ts'
import { hailoError } from './hailort-status.ts'

/** The native half of VDevice. Its share of the device is given up by `close()`, or when it is collected. */
export interface NativeVdevice {
  readonly deviceIds: readonly string[]
  identify(): Promise<DeviceIdentity>
  extendedInformation(): Promise<ExtendedInformation>
  temperature(): Promise<ChipTemperature>
  reset(mode: ResetMode): Promise<void>
  /** Resolves when the device is released: when every model and call under way has given it up too. May be called twice. */
  close(): Promise<void>
}

interface Addon {
  library: () => LibraryInfo
  scan: () => Promise<string[]>
  open: (deviceId: string | null, groupId: string | null) => Promise<NativeVdevice>
  /** The loaded library's own name of a status; null: it has none, or none is loaded. */
  statusName: (status: number) => string | null
  configure: (vdevice: NativeVdevice, hef: string, options: ConfigureOptions) => Promise<NativeModel>
}

/** What it throws is raw: call it through `native`. */
export const addon = loadAddon('hailort') as Addon

/** Calls the addon; its failures become HailoError. */
export async function native<Answer>(call: () => Answer | Promise<Answer>): Promise<Awaited<Answer>> {
  try {
    return await call()
  } catch (error) {
    throw hailoError(error, addon.statusName)
  }
}

/** The same for what answers at once. */
export function nativeNow<Answer>(call: () => Answer): Answer {
  try {
    return call()
  } catch (error) {
    throw hailoError(error, addon.statusName)
  }
}
