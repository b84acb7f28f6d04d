/** What the binding itself finds wrong, where no status of HailoRT says it. */
export type BindingFault =
  /** No libhailort on this machine. */
  | 'LIBRARY_MISSING'
  /** A libhailort of a product line or version that this binding does not know (5.x serves the Hailo-10H). */
  | 'LIBRARY_UNSUPPORTED'
  /** Functions are missing in it. */
  | 'LIBRARY_INCOMPLETE'
  /** The model has no input or output that can be used. */
  | 'MODEL_UNSUPPORTED'
  /** The chip answered something that cannot be: the frame says nothing about the world. */
  | 'OUTPUT_CORRUPT'
  /** The machine gives this process no more threads. */
  | 'NO_THREAD'
  /** Used after `close()`, or closed while at work. */
  | 'CLOSED'

interface StatusEntry {
  /** HailoRT's own name of the number. */
  readonly name: string
  /** For the person at the device, imperative. */
  readonly remedy: string
  /** Where one call means something else by it than the others; the call without `hailo_`. */
  readonly remedyOf?: Readonly<Record<string, string>>
}

const BUG = 'This is a fault of headcount: report it with this message.'
const MEMORY = 'Stop other programs that use the NPU or much memory; restart headcount.'
const VERSIONS = 'Make driver and library equal: `sudo apt full-upgrade && sudo reboot`.'
const SILENT =
  'Open the device again; if it stays silent, restart headcount, then reload the driver (`sudo modprobe -r hailo_pci && sudo modprobe hailo_pci`).'
const OTHER_HEF = 'Take a HEF for this chip and this HailoRT: Hailo Model Zoo 2.x has one of each model, /usr/share/hailo-models has some.'
const DAMAGED_HEF = 'Copy the HEF file again: it is damaged.'
const REOPEN = 'Open the device again.'
const LATER_LIBRARY = 'Use HailoRT 4.20 to 4.23 (`sudo apt install hailo-all`): this status belongs to HailoRT 5.'
const HOLDER = 'name it with `fuser -v /dev/hailo0` and stop it.'

/** The one table of HailoRT's statuses: those that matter for a binding, by number. */
export const HAILO_STATUSES: Readonly<Record<number, StatusEntry>> = {
  0: { name: 'HAILO_SUCCESS', remedy: 'Nothing is to be done.' },
  2: {
    name: 'HAILO_INVALID_ARGUMENT',
    remedy: BUG,
    remedyOf: { create_vdevice: 'Correct the device id: `hailortcli scan` lists those that are there.' },
  },
  3: { name: 'HAILO_OUT_OF_HOST_MEMORY', remedy: MEMORY },
  4: { name: 'HAILO_TIMEOUT', remedy: SILENT },
  5: { name: 'HAILO_INSUFFICIENT_BUFFER', remedy: BUG },
  6: { name: 'HAILO_INVALID_OPERATION', remedy: BUG },
  7: { name: 'HAILO_NOT_IMPLEMENTED', remedy: 'Use HailoRT 4.20 to 4.23 with a Hailo-8 or 8L: this one has no C inference interface.' },
  8: {
    name: 'HAILO_INTERNAL_FAILURE',
    remedy: SILENT,
    remedyOf: {
      configure_vdevice:
        'On 16 KiB pages (Raspberry Pi 5) write `options hailo_pci force_desc_page_size=4096` to /etc/modprobe.d/hailo_pci.conf and reboot.',
    },
  },
  13: { name: 'HAILO_OPEN_FILE_FAILURE', remedy: 'Correct the path of the HEF file, or its rights.' },
  16: { name: 'HAILO_UNSUPPORTED_FW_VERSION', remedy: VERSIONS },
  26: { name: 'HAILO_INVALID_HEF', remedy: OTHER_HEF },
  36: {
    name: 'HAILO_DRIVER_OPERATION_FAILED',
    remedy: 'Read `dmesg`: "disconnected" means the power supply; else check the rights of /dev/hailo0 (udev rule, group hailo).',
  },
  47: { name: 'HAILO_OUT_OF_DESCRIPTORS', remedy: MEMORY },
  61: { name: 'HAILO_NOT_FOUND', remedy: BUG },
  62: { name: 'HAILO_COMMUNICATION_CLOSED', remedy: REOPEN },
  63: { name: 'HAILO_STREAM_ABORT', remedy: 'Configure the model again: it was shut down.' },
  64: { name: 'HAILO_DRIVER_NOT_INSTALLED', remedy: 'Install the driver: `sudo apt install dkms hailo-all && sudo reboot`.' },
  73: { name: 'HAILO_DEVICE_IN_USE', remedy: `Another program holds the device: ${HOLDER}` },
  74: {
    name: 'HAILO_OUT_OF_PHYSICAL_DEVICES',
    remedy: `If no Hailo device is found: check the ribbon cable and the HAT, \`lspci\`. If another program holds it: ${HOLDER}`,
  },
  76: { name: 'HAILO_INVALID_DRIVER_VERSION', remedy: VERSIONS },
  77: {
    name: 'HAILO_RPC_FAILED',
    remedy: 'Stop the HailoRT service (`sudo systemctl disable --now hailort`): headcount opens the device itself.',
  },
  79: { name: 'HAILO_NOT_SUPPORTED', remedy: OTHER_HEF },
  81: { name: 'HAILO_OUT_OF_HOST_CMA_MEMORY', remedy: MEMORY },
  82: { name: 'HAILO_QUEUE_IS_FULL', remedy: BUG },
  85: { name: 'HAILO_DRIVER_INVALID_RESPONSE', remedy: VERSIONS },
  86: { name: 'HAILO_DRIVER_INVALID_IOCTL', remedy: VERSIONS },
  87: { name: 'HAILO_DRIVER_TIMEOUT', remedy: SILENT },
  88: { name: 'HAILO_DRIVER_INTERRUPTED', remedy: REOPEN },
  90: { name: 'HAILO_DRIVER_WAIT_CANCELED', remedy: REOPEN },
  91: { name: 'HAILO_HEF_FILE_CORRUPTED', remedy: DAMAGED_HEF },
  92: { name: 'HAILO_HEF_NOT_SUPPORTED', remedy: OTHER_HEF },
  93: { name: 'HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE', remedy: OTHER_HEF },
  94: { name: 'HAILO_INVALID_HEF_USE', remedy: LATER_LIBRARY },
  95: { name: 'HAILO_OPERATION_ABORTED', remedy: LATER_LIBRARY },
  96: { name: 'HAILO_DEVICE_NOT_CONNECTED', remedy: LATER_LIBRARY },
  97: { name: 'HAILO_DEVICE_TEMPORARILY_UNAVAILABLE', remedy: LATER_LIBRARY },
}

const UNKNOWN_REMEDY = 'Read `dmesg` and restart headcount; if it comes again, report it with this number.'

const FAULT_REMEDIES: Readonly<Record<BindingFault, string>> = {
  LIBRARY_MISSING: 'Install HailoRT: `sudo apt install dkms hailo-all && sudo reboot`, or set HAILORT_LIB to the path of libhailort.so.',
  LIBRARY_UNSUPPORTED: 'Use HailoRT 4.20 to 4.23 with a Hailo-8 or 8L (`sudo apt install hailo-all`).',
  LIBRARY_INCOMPLETE: 'Install HailoRT again (`sudo apt install --reinstall hailort`): this libhailort.so is damaged, or not HailoRT.',
  MODEL_UNSUPPORTED: 'Take a HEF with one RGB input of UINT8 and an NMS or tensor output.',
  OUTPUT_CORRUPT: 'Open the device again; if it comes again, check the power supply and the cable of the NPU.',
  NO_THREAD: MEMORY,
  CLOSED: REOPEN,
}

interface Details {
  readonly status?: number | null
  readonly call?: string | null
  readonly remedy: string
  readonly cause?: unknown
}

/** A failure of HailoRT or of its binding, with its name and what to do. */
export class HailoError extends Error {
  override readonly name = 'HailoError'
  /** HailoRT's name of the status, for example HAILO_TIMEOUT, or a BindingFault. */
  readonly code: string
  /** HailoRT's number; null where the binding itself found it. */
  readonly status: number | null
  /** The function of the C API that failed, for example hailo_create_vdevice; null where there was none. */
  readonly call: string | null
  /** What happened, without remedy and code. */
  readonly what: string
  /** What the person at the device should do: imperative. */
  readonly remedy: string

  constructor(code: string, what: string, { status, call, remedy, cause }: Details) {
    super(`${what} ${remedy} [${code}]`, { cause })
    this.code = code
    this.status = status ?? null
    this.call = call ?? null
    this.what = what
    this.remedy = remedy
  }
}

/** A fault that the binding itself found. */
export function bindingError(fault: BindingFault, what: string, cause?: unknown): HailoError {
  return new HailoError(fault, what, { remedy: FAULT_REMEDIES[fault], cause })
}

/** A status of a function of the C API (named without `hailo_`); `nameOf` is asked for the names of numbers that the table does not have. */
export function statusError(status: number, call: string, nameOf: (status: number) => string | null, cause?: unknown): HailoError {
  const entry = HAILO_STATUSES[status]
  const code = entry?.name ?? nameOf(status) ?? `HAILO_STATUS_${status}`
  const remedy = entry?.remedyOf?.[call] ?? entry?.remedy ?? UNKNOWN_REMEDY
  return new HailoError(code, `hailo_${call} failed: ${code} (${status}).`, { status, call: `hailo_${call}`, remedy, cause })
}

/** The HailoError of what the addon threw; anything else comes back as it is. */
export function hailoError(thrown: unknown, nameOf: (status: number) => string | null): unknown {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return thrown
  const { code, message } = thrown
  const status = /^HAILO_STATUS_(\d+)$/.exec(code)?.[1]
  if (status !== undefined) return statusError(Number(status), message.replace(/^hailo_/, ''), nameOf, thrown)
  return Object.hasOwn(FAULT_REMEDIES, code) ? bindingError(code as BindingFault, message, thrown) : thrown
}
