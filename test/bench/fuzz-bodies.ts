import type { Dice } from './fuzz-dice.ts'
import { anyJson, anyObject, spoilt } from './fuzz-values.ts'

/** What the routes take, so that not every body is refused at the door. */
const TOLD: readonly (readonly [RegExp, (dice: Dice) => Readonly<Record<string, string>>])[] = [
  [
    /^\/api\/streams\/door$/,
    (dice) => ({ [dice.pick(['detectFps', 'weight', 'rotate', 'frame', 'lines', 'zones', 'source'])]: anyJson(dice) }),
  ],
  [
    /^\/api\/streams(\/test)?$/,
    (dice) => ({ id: JSON.stringify(dice.pick(['a', 'b-1', 'door', '_', '.'])), source: JSON.stringify(dice.nasty()) }),
  ],
  [/\/inside$/, (dice) => ({ value: dice.pick(['0', '7', '1000000', '1000001', '-1', '0.5', '"3"', 'null']) })],
  [/\/totals\/reset$/, (dice) => (dice.chance(0.5) ? {} : { line: dice.pick(['"gate"', '"none"', 'null', '[]']) })],
  [/^\/login$/, (dice) => ({ token: JSON.stringify(dice.nasty()) })],
]

/** What is sent behind the headers; null: nothing. */
export function fuzzBody(dice: Dice, method: string, path: string): Buffer | null {
  if ((method === 'GET' || method === 'HEAD') && !dice.chance(0.02)) return null
  if (dice.chance(0.2)) return null
  if (dice.chance(0.01)) return Buffer.alloc(dice.whole(60_000, 400_000), 'x')
  const told = TOLD.find(([route]) => route.test(path))?.[1](dice)
  if (told !== undefined && dice.chance(0.4)) return Buffer.from(anyObject(dice, told, { length: dice.chance(0.8) ? 0 : 1 }))
  return spoilt(dice, dice.chance(0.3) ? anyJson(dice) : anyObject(dice, told ?? {}))
}

/** A body, what is said of it, and whether that is true. */
export interface Framing {
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly whole: boolean
}

/** How long the body is said to be: mostly the truth. */
export function fuzzFraming(dice: Dice, body: Buffer | null): Framing {
  if (body === null) return { headers: [], body: Buffer.alloc(0), whole: true }
  const type = dice.chance(0.85)
    ? 'application/json'
    : dice.pick(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', printable(dice.nasty())])
  const types = [`Content-Type: ${type}`]
  const kind = dice.number()
  if (kind < 0.85) return { headers: [...types, `Content-Length: ${body.length}`], body, whole: true }
  if (kind < 0.93) {
    const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
    // A chunk of nothing is the end: what follows would be another request.
    return { headers: [...types, 'Transfer-Encoding: chunked'], body: chunk, whole: body.length > 0 }
  }
  const wrong: readonly [readonly string[], ...(readonly string[])[]] = [
    [`Content-Length: ${body.length + dice.whole(1, 99)}`],
    [`Content-Length: ${dice.whole(0, body.length)}`],
    ['Content-Length: -1'],
    ['Content-Length: 99999999999999999999'],
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Content-Length: 3', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: gzip'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding: \x0bchunked'],
  ]
  return { headers: [...types, ...dice.pick(wrong)], body, whole: false }
}

/** A header of one line; a broken one is the business of the mutations. */
export function printable(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, '').slice(0, 200)
}
