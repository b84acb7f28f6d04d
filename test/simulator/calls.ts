import { fileURLToPath } from 'node:url'
import koffi, { type KoffiFunc } from 'koffi'

const BUILD = process.env['HEADCOUNT_NATIVE_BUILD'] === 'Debug' ? 'Debug' : 'Release'

/** The library under test, beside the addons. */
export const simulatorPath = fileURLToPath(new URL(`../../../native/build/${BUILD}/libhailort-sim.so`, import.meta.url))

/** Arguments by letter: a pointer to bytes or null, a handle, a size, u32, f32, bool, u8. */
const TYPES = { p: 'void *', h: 'uintptr_t', z: 'size_t', u: 'uint32_t', f: 'float', b: 'bool', c: 'uint8_t' } as const

/** The C functions that answer a status, by the name behind `hailo_`; written down from HailoRT's page, not from our headers. */
export const ARGUMENTS = {
  get_library_version: 'p',
  scan_devices: 'ppp',
  create_device_by_id: 'pp',
  release_device: 'h',
  identify: 'hp',
  get_extended_device_information: 'hp',
  get_chip_temperature: 'hp',
  reset_device: 'hu',
  init_vdevice_params: 'p',
  create_vdevice: 'pp',
  get_physical_devices: 'hpp',
  vdevice_get_physical_devices_ids: 'hpp',
  release_vdevice: 'h',
  create_hef_file: 'pp',
  create_hef_buffer: 'ppz',
  release_hef: 'h',
  hef_get_all_vstream_infos: 'hppp',
  get_network_groups_infos: 'hpp',
  hef_get_bottleneck_fps: 'hpp',
  init_configure_params_by_vdevice: 'hhp',
  configure_vdevice: 'hhppp',
  shutdown_network_group: 'h',
  set_scheduler_timeout: 'hup',
  set_scheduler_threshold: 'hup',
  set_scheduler_priority: 'hcp',
  make_input_vstream_params: 'hbupp',
  make_output_vstream_params: 'hbupp',
  create_input_vstreams: 'hpzp',
  create_output_vstreams: 'hpzp',
  get_input_vstream_frame_size: 'hp',
  get_output_vstream_frame_size: 'hp',
  get_input_vstream_info: 'hp',
  get_output_vstream_info: 'hp',
  vstream_write_raw_buffer: 'hpz',
  vstream_read_raw_buffer: 'hpz',
  vstream_set_nms_score_threshold: 'hf',
  vstream_set_nms_iou_threshold: 'hf',
  vstream_set_nms_max_proposals_per_class: 'hu',
  release_input_vstreams: 'pz',
  release_output_vstreams: 'pz',
} as const

export type FunctionName = keyof typeof ARGUMENTS
type Argument = Uint8Array | number | bigint | boolean | null
type Entry = KoffiFunc<(...args: Argument[]) => number>

let loaded: Map<FunctionName, Entry> | undefined

function functions(): Map<FunctionName, Entry> {
  if (loaded) return loaded
  const library = koffi.load(simulatorPath)
  const entries = Object.entries(ARGUMENTS) as [FunctionName, string][]
  loaded = new Map(
    entries.map(([name, letters]) => [
      name,
      library.func(
        `hailo_${name}`,
        'uint32_t',
        letters.split('').map((letter) => TYPES[letter as keyof typeof TYPES]),
      ),
    ]),
  )
  return loaded
}

function find(name: FunctionName): Entry {
  const found = functions().get(name)
  if (!found) throw new Error(`${name} is not declared`)
  return found
}

/** The status of a call on this thread. */
export function call(name: FunctionName, ...args: Argument[]): number {
  return find(name)(...args)
}

/** The status of a call on a thread of its own. */
export function callAside(name: FunctionName, ...args: Argument[]): Promise<number> {
  return new Promise((resolve, reject) => {
    find(name).async(...args, (error: unknown, status: number) => (error instanceof Error ? reject(error) : resolve(status)))
  })
}

/** Throws unless it succeeds. */
export function succeed(name: FunctionName, ...args: Argument[]): void {
  const status = call(name, ...args)
  if (status !== 0) throw new Error(`hailo_${name} gave ${status}`)
}

/** What a function gives through its last argument, a handle or a size. */
export function given(name: FunctionName, ...args: Argument[]): bigint {
  const out = Buffer.alloc(8)
  succeed(name, ...args, out)
  return out.readBigUInt64LE()
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`)

/** A count argument: room in, number out. */
export function count(room: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(room))
  return bytes
}

export const counted = (bytes: Buffer): number => Number(bytes.readBigUInt64LE())

/** The bytes up to the first zero. */
export function stringAt(bytes: Buffer, at: number, most: number): string {
  const field = bytes.subarray(at, at + most)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? most : end)
}

/** What `get_status_message` says. */
export function statusMessage(status: number): string | null {
  return koffi.load(simulatorPath).func('hailo_get_status_message', 'str', ['uint32_t'])(status) as string | null
}
