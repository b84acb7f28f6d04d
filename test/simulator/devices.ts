import koffi from 'koffi'
import { call, count, counted, stringAt, succeed } from './calls.ts'

/** The status of creating a vdevice on one device. */
export function withDeviceId(id: string): number {
  const params = Buffer.alloc(40)
  succeed('init_vdevice_params', params)
  const ids = Buffer.alloc(32)
  ids.write(id)
  params.writeBigUInt64LE(koffi.address(ids), 8)
  return call('create_vdevice', params, Buffer.alloc(8))
}

/** What a device says of itself. */
export function identity(device: bigint) {
  const bytes = Buffer.alloc(140)
  succeed('identify', device, bytes)
  return {
    architecture: bytes.readUInt32LE(56),
    firmware: [4, 8, 12].map((at) => bytes.readUInt32LE(at)).join('.'),
    board: stringAt(bytes, 21, bytes[20] ?? 0),
    serial: stringAt(bytes, 61, bytes[60] ?? 0),
    part: stringAt(bytes, 78, bytes[77] ?? 0),
    product: stringAt(bytes, 95, bytes[94] ?? 0),
  }
}

/** A device opened by its id, and the status of that. */
export function createDevice(id: string): { status: number; device: bigint } {
  const out = Buffer.alloc(8)
  const bytes = Buffer.alloc(32)
  bytes.write(id)
  return { status: call('create_device_by_id', bytes, out), device: out.readBigUInt64LE() }
}

/** What a scan with room for so many ids gives. */
export function scan(room: number) {
  const ids = Buffer.alloc(32 * Math.max(1, room))
  const number = count(room)
  const status = call('scan_devices', null, ids, number)
  return { status, number: counted(number), ids: Array.from({ length: room }, (_, index) => stringAt(ids, 32 * index, 32)) }
}
