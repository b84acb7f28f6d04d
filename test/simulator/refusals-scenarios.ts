import { execFileSync } from 'node:child_process'
import type { SimulatedNetwork } from 'hailort-node/simulated-hef'
import { ARGUMENTS, call, type FunctionName, succeed, text } from './calls.ts'
import { ECHO, hefOf, vstreamInfos } from './network.ts'

/** Pointers that may be NULL, by their place among the arguments. */
const MAY_BE_NULL: Partial<Record<FunctionName, readonly number[]>> = {
  scan_devices: [0],
  create_vdevice: [0],
  hef_get_all_vstream_infos: [1],
  hef_get_bottleneck_fps: [1],
  configure_vdevice: [2],
  set_scheduler_timeout: [2],
  set_scheduler_threshold: [2],
  set_scheduler_priority: [2],
}
const HEADER_BYTES = 28
/** Length-delimited field 1000 of a protobuf: the network. */
const NETWORK_TAG = [0xc2, 0x3e]
const DAMAGED_FILES = 4_000

const side = 8_192
const HUGE: SimulatedNetwork['outputs'][number] = {
  name: 'tiny/huge',
  shape: { height: side, width: side, features: side },
  type: 'uint16',
  quant: { zeroPoint: 0, scale: 1 },
}

/** Statuses of a call with one of its pointers and handles NULL, for each that must not be; the others lead nowhere. */
function withOneNull(name: FunctionName): number[] {
  const letters = ARGUMENTS[name].split('')
  const other = { p: Buffer.alloc(1_024), h: 1, z: 1, u: 0, f: 0, b: false, c: 0 }
  const args = letters.map((letter) => other[letter as keyof typeof other])
  return letters
    .flatMap((letter, index) => ('ph'.includes(letter) && !MAY_BE_NULL[name]?.includes(index) ? [index] : []))
    .map((index) => call(name, ...args.map((value, at) => (at !== index ? value : letters[at] === 'p' ? null : 0))))
}

const statusOf = (bytes: Uint8Array): number => call('create_hef_buffer', Buffer.alloc(8), bytes, bytes.length)

/** A HEF with this in the place of its network's JSON. */
function hefHolding(json: string): Buffer {
  const good = Buffer.from(hefOf(ECHO))
  const told = good.subarray(HEADER_BYTES, HEADER_BYTES + 2 + (good[HEADER_BYTES + 1] ?? 0))
  const length: number[] = []
  for (let rest = json.length; length.length === 0 || rest > 0; rest >>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
  const protobuf = Buffer.concat([told, Buffer.from([...NETWORK_TAG, ...length]), Buffer.from(json)])
  const header = Buffer.from(good.subarray(0, HEADER_BYTES))
  header.writeUInt32BE(protobuf.length, 8)
  return Buffer.concat([header, protobuf])
}

/** Numbers that look like chance, always the same ones. */
function chances(): (below: number) => number {
  let state = 20_240_607
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Some bytes changed, most of them among the lengths at the beginning or the numbers of the JSON; some files cut off. */
function damaged(good: Uint8Array, chance: (below: number) => number): Buffer {
  const bytes = Buffer.from(good)
  const digits = [...bytes.keys()].filter(
    (at) => at > 2 * HEADER_BYTES && bytes[at] !== undefined && bytes[at] >= 0x30 && bytes[at] <= 0x39,
  )
  for (let changes = 1 + chance(3); changes > 0; changes--) {
    const at = [chance(bytes.length), chance(2 * HEADER_BYTES), digits[chance(digits.length)] ?? 0][chance(3)] ?? 0
    bytes[at] = [chance(256), 0xff, 0x30 + chance(10), 0x2d][chance(4)] ?? 0
  }
  return chance(4) === 0 ? bytes.subarray(0, chance(bytes.length)) : bytes
}

export const scenarios = {
  oneNull: (): Record<string, number[]> =>
    Object.fromEntries((Object.keys(ARGUMENTS) as FunctionName[]).map((name) => [name, withOneNull(name)])),

  /** How often which status came; the HEFs that were taken are looked at and released. */
  damagedHefs(): Record<string, number> {
    const statuses: Record<string, number> = {}
    const chance = chances()
    const tensor = { ...HUGE, shape: { height: 20, width: 20, features: 8 } }
    const good = [hefOf(ECHO), hefOf({ ...ECHO, outputs: [tensor], fps: { '1': 202, '8': 438 } })]
    for (let i = 0; i < DAMAGED_FILES; i++) {
      const bytes = damaged(good[i % good.length] ?? new Uint8Array(), chance)
      const out = Buffer.alloc(8)
      const status = call('create_hef_buffer', out, bytes, bytes.length)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (status !== 0) continue
      const hef = out.readBigUInt64LE()
      vstreamInfos(hef)
      call('hef_get_bottleneck_fps', hef, null, out)
      succeed('release_hef', hef)
    }
    return statuses
  },

  /** Nothing that can be read, or what would need more memory than a machine has. */
  unusableHefs() {
    execFileSync('mkfifo', ['pipe.hef'])
    return {
      pipe: call('create_hef_file', Buffer.alloc(8), text('pipe.hef')),
      device: call('create_hef_file', Buffer.alloc(8), text('/dev/zero')),
      hugeOutput: statusOf(hefOf({ ...ECHO, outputs: [HUGE] })),
      hugeInput: statusOf(hefOf({ ...ECHO, input: { name: 'tiny/input', width: 2 * side, height: 1 } })),
      deepJson: statusOf(hefHolding('['.repeat(300_000))),
      emptyJson: statusOf(hefHolding('')),
      whole: statusOf(hefHolding(JSON.stringify(ECHO))),
    }
  },
}
