import type { Dice } from './fuzz-dice.ts'

const KEYS: readonly [string, ...string[]] = [
  'id',
  'source',
  'rtsp',
  'type',
  'stream_id',
  'request_id',
  'line',
  'area',
  'value',
  'token',
  'frame',
  'width',
  'fps',
  'ring',
  'slots',
  'zones',
  'polygon',
  'lines',
  'from',
  'to',
  'masks',
  'occupancy',
  'detectFps',
  'passwordFile',
  '__proto__',
  'constructor',
  'toString',
]

/** Any JSON value, rarely a deep or a large one. Nothing that JavaScript objects would treat as a prototype is left out: it is text. */
export function anyJson(dice: Dice, depth = 0): string {
  const kind = dice.whole(0, depth > 4 ? 5 : 8)
  if (kind === 0) return dice.pick(['null', 'true', 'false'])
  if (kind <= 2) return dice.pick(['0', '-1', '1', '0.5', '640', '480', '1e308', '-0', '4294967296', '123456789012345678901234567890'])
  if (kind <= 5) return JSON.stringify(dice.nasty())
  if (kind === 6 && dice.chance(0.02)) return '['.repeat(5_000) + ']'.repeat(5_000)
  const length = dice.chance(0.01) ? 2_000 : dice.whole(0, 5)
  if (kind === 7) return `[${Array.from({ length }, () => anyJson(dice, depth + 1 + length / 100)).join()}]`
  return anyObject(dice, {}, { length, depth })
}

/** An object of random keys, and of those that are told, as JSON; a key may come twice. */
export function anyObject(
  dice: Dice,
  told: Readonly<Record<string, string>>,
  { length = dice.whole(0, 4), depth = 0 }: { length?: number; depth?: number } = {},
): string {
  const random = Array.from({ length }, () => {
    const key = dice.chance(0.9) ? dice.pick(KEYS) : dice.nasty()
    return `${JSON.stringify(key)}:${anyJson(dice, depth + 1 + length / 100)}`
  })
  const pairs = [...Object.entries(told).map(([key, json]) => `${JSON.stringify(key)}:${json}`), ...random]
  return `{${(dice.chance(0.5) ? pairs : pairs.reverse()).join()}}`
}

/** The JSON as a careless or hostile sender has it: cut off, mutated, with bytes that are no text, or as it is. */
export function spoilt(dice: Dice, json: string): Buffer {
  const kind = dice.number()
  if (kind < 0.7) return Buffer.from(json)
  if (kind < 0.8) return Buffer.from(json.slice(0, dice.whole(0, json.length)))
  if (kind < 0.9) return Buffer.from(dice.mutate(json))
  return Buffer.concat([Buffer.from(json.slice(0, json.length >> 1)), dice.bytes(8), Buffer.from(json.slice(json.length >> 1))])
}
