import { readFile } from 'node:fs/promises'
import { addon, type NativeVdevice, native, nativeNow } from './hailort-addon.ts'
import { Model, type NativeModel } from './hailort-model.ts'
import { bindingError, HailoError } from './hailort-status.ts'
import { checkHef, readHefHeader } from './hef.ts'
import type { ConfigureOptions } from './inference.ts'

export type { Model } from './hailort-model.ts'
export type { ConfigureOptions, InferredFrame, InputFrame, ModelCounters, Stream } from './inference.ts'

/** The libhailort that was loaded. */
export interface LibraryInfo {
  /** For example 4.23.0 */
  readonly version: string
  readonly path: string
  /** It is the simulator of this package: no hardware is behind it. */
  readonly simulated: boolean
}

export interface DeviceIdentity {
  readonly architecture: Architecture
  /** For example 4.23.0 */
  readonly firmwareVersion: string
  readonly boardName: string
  readonly serialNumber: string
  readonly partNumber: string
  readonly productName: string
}

/** HAILO8L is the smaller chip of the AI Kit. */
export type Architecture = 'HAILO8_A0' | 'HAILO8' | 'HAILO8L' | 'HAILO15H' | 'HAILO15L' | 'HAILO15M' | 'HAILO10H'

/** Degrees Celsius of the chip's two sensors. */
export interface ChipTemperature {
  readonly ts0: number
  readonly ts1: number
}

/** What the chip says of itself beyond its identity. */
export interface ExtendedInformation {
  /** Of the neural cores, in Hz. */
  readonly coreClockHz: number
  readonly bootSource: 'unknown' | 'pcie' | 'flash'
  /** 64 hexadecimal digits, the chip's own for ever. */
  readonly socId: string
}

/** chip: all of it. nnCore: the neural cores only. soft: the firmware; forcedSoft: without asking it. */
export type ResetMode = 'chip' | 'nnCore' | 'soft' | 'forcedSoft'

export interface OpenOptions {
  /** As `scan` says it, for example 0000:01:00.0; default: any device that nobody has. */
  readonly deviceId?: string
  /** HailoRT's group; default: its own UNIQUE, which shares nothing. */
  readonly groupId?: string
}

/** The libhailort of this machine; the first call loads it. Throws HailoError LIBRARY_MISSING, LIBRARY_UNSUPPORTED, LIBRARY_INCOMPLETE. */
export function library(): LibraryInfo {
  return nativeNow(() => addon.library())
}

/** The ids of all devices, held by somebody or not; none: []. Loads the library where it is not yet: errors as there, and HailoRT's. */
export function scan(): Promise<readonly string[]> {
  return native(() => addon.scan())
}

/**
 * One Hailo chip, held by this process alone, with HailoRT's scheduler. What blocks runs on other threads. Errors are HailoError. After
 * `close()` everything else rejects with CLOSED; calls under way then still answer. A device that nobody closes is released some time after
 * it was collected; one that is open when the process ends is not released but left to the driver.
 */
export class VDevice implements AsyncDisposable {
  /** As `scan` says them. */
  readonly deviceIds: readonly string[]
  readonly #native: NativeVdevice
  readonly #configuring = new Set<Promise<unknown>>()
  /** Weak: a model that nobody holds any more ends by itself, and its device need not remember it. */
  #models: readonly WeakRef<NativeModel>[] = []
  /** One call at a time: those that wait for a chip which hangs must not take all of libuv's threads. */
  #asked: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | null = null

  private constructor(opened: NativeVdevice) {
    this.#native = opened
    this.deviceIds = opened.deviceIds
  }

  /** HAILO_OUT_OF_PHYSICAL_DEVICES: there is none, or somebody has it; HAILO_DEVICE_IN_USE: somebody has the one of `deviceId`. */
  static async open({ deviceId, groupId }: OpenOptions = {}): Promise<VDevice> {
    try {
      return new VDevice(await native(() => addon.open(deviceId ?? null, groupId ?? null)))
    } catch (error) {
      throw await withVersions(error)
    }
  }

  identify(): Promise<DeviceIdentity> {
    return this.#ask('identify', () => this.#native.identify())
  }

  extendedInformation(): Promise<ExtendedInformation> {
    return this.#ask('extendedInformation', () => this.#native.extendedInformation())
  }

  temperature(): Promise<ChipTemperature> {
    return this.#ask('temperature', () => this.#native.temperature())
  }

  /** Afterwards the models do not work any more: close the device and open it again. */
  reset(mode: ResetMode): Promise<void> {
    return this.#ask('reset', () => this.#native.reset(mode))
  }

  /** Loads a HEF. Throws HefError too: where the file is not for this chip, before the chip is given it. The model is freed by `close()` of the device. */
  async configure(hef: string, options: ConfigureOptions): Promise<Model> {
    this.#mustBeOpen('configure')
    const configuring = this.#configure(hef, options)
    this.#configuring.add(configuring)
    try {
      return await configuring
    } finally {
      this.#configuring.delete(configuring)
    }
  }

  /** Closes the models, then releases the device; resolves when that is done, which takes long while the chip hangs. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #configure(hef: string, options: ConfigureOptions): Promise<Model> {
    const { architecture } = await this.identify()
    checkHef(await readHefHeader(hef), architecture, hef)
    const model = await this.#ask('configure', () => addon.configure(this.#native, hef, options))
    this.#models = [...this.#models.filter((other) => other.deref() !== undefined), new WeakRef(model)]
    this.#mustBeOpen('configure')
    return new Model(model)
  }

  async #close(): Promise<void> {
    // First those that are there: what is being configured may wait for a chip that hangs.
    const closing = this.#closeModels()
    await Promise.allSettled(this.#configuring)
    await Promise.allSettled([closing, this.#closeModels()])
    await native(() => this.#native.close())
  }

  async #closeModels(): Promise<void> {
    await Promise.allSettled(this.#models.map(async (model) => model.deref()?.close()))
  }

  async #ask<Answer>(name: string, question: () => Promise<Answer>): Promise<Answer> {
    this.#mustBeOpen(name)
    const answer = this.#asked.then(() => {
      this.#mustBeOpen(name)
      return native(question)
    })
    // Whoever asked gets the answer or the failure: neither is kept here.
    this.#asked = answer.then(
      () => undefined,
      () => undefined,
    )
    return answer
  }

  #mustBeOpen(call: string): void {
    if (this.#closing !== null) throw bindingError('CLOSED', `${call} on a device that is closed.`)
  }
}

const DRIVER_VERSION_FILE = '/sys/module/hailo_pci/version'
const DRIVER_VERSION_MISMATCH = 76

/** HailoRT says only that driver and library differ, not how. */
async function withVersions(error: unknown): Promise<unknown> {
  if (!(error instanceof HailoError) || error.status !== DRIVER_VERSION_MISMATCH) return error
  const { code, status, call, remedy } = error
  // Not readable: not loaded, or of a kernel that does not say.
  const driver = await readFile(DRIVER_VERSION_FILE, 'utf8').catch(() => 'of an unknown version')
  const what = `The driver hailo_pci is ${driver.trim()}, libhailort is ${library().version}: they do not work together.`
  return new HailoError(code, what, { status, call, remedy, cause: error })
}
