// As much of protobuf's encoding as HEF headers need: https://protobuf.dev/programming-guides/encoding/

/** A message taken apart. */
export interface Message {
  /** Numbers, and bytes; a repeated field has its last value. */
  readonly fields: ReadonlyMap<number, number | Buffer>
  /** False: it is cut short or makes no sense from some byte on. */
  readonly whole: boolean
}

/** Takes a message apart; never throws, whatever the bytes. */
export function readMessage(message: Buffer): Message {
  const fields = new Map<number, number | Buffer>()
  let at = 0
  while (at < message.length) {
    const key = varintAt(message, at)
    const value = key && valueAt(message, key.end, key.value % 8)
    if (!value) return { fields, whole: false }
    fields.set(Math.floor(key.value / 8), value.value)
    at = value.end
  }
  return { fields, whole: true }
}

interface Read<Value> {
  readonly value: Value
  /** Where the next one begins. */
  readonly end: number
}

function valueAt(bytes: Buffer, at: number, wireType: number): Read<number | Buffer> | null {
  if (wireType === 0) return varintAt(bytes, at)
  const length =
    wireType === 2 ? varintAt(bytes, at) : wireType === 1 ? { value: 8, end: at } : wireType === 5 ? { value: 4, end: at } : null
  if (length === null || length.end + length.value > bytes.length) return null
  const end = length.end + length.value
  return { value: bytes.subarray(length.end, end), end }
}

/** Seven bits a byte, the lowest first, at most ten bytes; not exact above 2^53, which no field of ours needs. null: cut short. */
function varintAt(bytes: Buffer, at: number): Read<number> | null {
  let value = 0
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) return null
    value += (byte % 128) * 128 ** index
    if (byte < 128) return { value, end: at + index + 1 }
  }
  return null
}

/** A field with a number that is not negative and at most 2^53. */
export function numberField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)])
}

/** A field with bytes, a text or a message. */
export function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
}

/** Seven bits a byte, the lowest first. Not with `>>`: a timestamp has more than 32 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left])
    bytes.push((left % 128) + 128)
  }
}
