import { writeFileSync } from 'node:fs'
import { ARGUMENTS, call, count, counted, type FunctionName, statusMessage, stringAt, succeed, text } from './calls.ts'
import { createDevice, identity, scan, withDeviceId } from './devices.ts'
import {
  configure,
  createHef,
  createVstreams,
  ECHO,
  hefOf,
  open,
  openVdevice,
  releaseVstreams,
  vstreamInfos,
  vstreamParams,
} from './network.ts'

const pointer = () => Buffer.alloc(128 * 1024)
/** The status of creating a HEF from bytes. */
const hefStatus = (bytes: Uint8Array) => call('create_hef_buffer', Buffer.alloc(8), bytes, bytes.length)

function withService(): number {
  const params = Buffer.alloc(40)
  succeed('init_vdevice_params', params)
  params[32] = 1
  return call('create_vdevice', params, Buffer.alloc(8))
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Buffer.from(bytes)
  copy.writeUInt32BE(value, at)
  return copy
}

/** The call with every pointer and handle NULL. */
function callWithNull(name: FunctionName): number {
  const letters = ARGUMENTS[name].split('')
  return call(name, ...letters.map((letter) => (letter === 'p' ? null : letter === 'b' ? false : 0)))
}

export const scenarios = {
  measured() {
    const version = Buffer.alloc(12)
    const hef = createHef(hefOf(ECHO))
    const infos = count(0)
    return {
      version: [call('get_library_version', version), ...[0, 4, 8].map((at) => version.readUInt32LE(at))],
      scan: scan(4),
      vdevice: call('create_vdevice', null, Buffer.alloc(8)),
      absent: withDeviceId('0000:09:00.0'),
      absentDevice: createDevice('0000:09:00.0').status,
      service: withService(),
      missing: call('create_hef_file', Buffer.alloc(8), text('/nowhere/x.hef')),
      folder: call('create_hef_file', Buffer.alloc(8), text('/tmp')),
      garbage: hefStatus(Buffer.alloc(100, 7)),
      small: [call('hef_get_all_vstream_infos', hef, null, pointer(), infos), counted(infos)],
      unknownName: call('hef_get_all_vstream_infos', hef, text('other'), pointer(), count(9)),
    }
  },

  nulls(): Record<string, number> {
    const statuses: Record<string, number> = { create_vdevice: call('create_vdevice', null, null) }
    for (const name of Object.keys(ARGUMENTS) as FunctionName[]) statuses[name] ??= callWithNull(name)
    return statuses
  },

  defaults() {
    const params = Buffer.alloc(40, 0xff)
    succeed('init_vdevice_params', params)
    const { status, group } = configure(openVdevice(), createHef(hefOf(ECHO)))
    const vstream = vstreamParams('output', group, {}, 3)
    return {
      status,
      vdevice: [params.readUInt32LE(0), params.readBigUInt64LE(8) === 0n, params.readUInt32LE(16), params[32]],
      vstream: [128, 132, 136, 140, 144].map((at) => vstream.readUInt32LE(at)),
    }
  },

  hefs() {
    const good = hefOf(ECHO)
    writeFileSync('v3.hef', changed(good, 4, 3))
    return {
      good: hefStatus(good),
      version4: hefStatus(changed(good, 4, 4)),
      version3: call('create_hef_file', Buffer.alloc(8), text('v3.hef')),
      cut: hefStatus(good.subarray(0, good.length - 10)),
      empty: hefStatus(good.subarray(0, 5)),
      short: hefStatus(changed(good.subarray(0, 32), 8, 4)),
      // Nothing but the header message, whose length is in its second byte: as the simulator sees the HEF of a real chip.
      real: hefStatus(changed(good, 8, 2 + (good[29] ?? 0))),
      badJson: hefStatus(Buffer.from(good).fill(0x20, good.length - 20)),
    }
  },

  chips() {
    const vdevice = openVdevice()
    const chips = ['hailo8', 'hailo8l', 'hailo15h', 'hailo10h'] as const
    return chips.map((chip) => configure(vdevice, createHef(hefOf(ECHO, chip))).status)
  },

  layouts() {
    const further = Buffer.alloc(96, 0xee)
    const { device } = createDevice('0000:01:00.0')
    succeed('get_extended_device_information', device, further)
    return { shape: vstreamInfos(createHef(hefOf(ECHO)))[1]?.shape, untouched: further.subarray(92).every((byte) => byte === 0xee) }
  },

  device() {
    const found = scan(4)
    const { status, device } = createDevice(found.ids[0] ?? '')
    const temperature = Buffer.alloc(12)
    return {
      found,
      small: scan(1),
      status,
      identity: identity(device),
      temperature: [call('get_chip_temperature', device, temperature), temperature.readFloatLE(0), temperature.readFloatLE(4)],
      reset: [call('reset_device', device, 2), call('reset_device', device, 9)],
      release: call('release_device', device),
    }
  },

  vdevice() {
    const vdevice = openVdevice()
    const devices = Buffer.alloc(8)
    succeed('get_physical_devices', vdevice, devices, count(1))
    const ids = Buffer.alloc(32)
    succeed('vdevice_get_physical_devices_ids', vdevice, ids, count(1))
    return {
      id: stringAt(ids, 0, 32),
      architecture: identity(devices.readBigUInt64LE()).architecture,
      releaseOfLent: call('release_device', devices.readBigUInt64LE()),
      second: call('create_vdevice', null, Buffer.alloc(8)),
      secondById: withDeviceId('0000:01:00.0'),
      afterRelease: [call('release_vdevice', vdevice), call('create_vdevice', null, Buffer.alloc(8))],
    }
  },

  formats() {
    const { group } = configure(openVdevice(), createHef(hefOf(ECHO)))
    const create = (params: Buffer) => call('create_output_vstreams', group, params, 1, Buffer.alloc(8))
    const byScore = vstreamParams('output', group, {})
    byScore.writeUInt32LE(23, 132)
    const noQueue = vstreamParams('output', group, { queueSize: 0 })
    const other = vstreamParams('output', group, {})
    other.write('nobody\0')
    const uint8 = create(vstreamParams('output', group, {}, 1))
    const good = createVstreams('output', group, vstreamParams('output', group, {}, 3))
    return {
      uint8,
      byScore: create(byScore),
      noQueue: create(noQueue),
      other: create(other),
      twice: create(vstreamParams('output', group, {})),
      again: [releaseVstreams('output', good), create(vstreamParams('output', group, {}))],
    }
  },

  scheduler() {
    const { group } = open(ECHO)
    return [
      call('set_scheduler_timeout', group, 5, null),
      call('set_scheduler_threshold', group, 2, null),
      call('set_scheduler_priority', group, 31, null),
      call('set_scheduler_priority', group, 32, null),
      call('set_scheduler_timeout', group, 5, text('nobody')),
    ]
  },

  messages: () => [0, 4, 36, 63, 74, 93].map(statusMessage).concat(statusMessage(4_000)),
}
