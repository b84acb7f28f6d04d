import type { Dice } from './fuzz-dice.ts'
import { anyJson, anyObject, spoilt } from './fuzz-values.ts'

/** One request as bytes, and what may be expected of it. */
export interface FuzzRequest {
  readonly bytes: Buffer
  /** Its first line. */
  readonly about: string
  /** It is whole: an answer has to come. */
  readonly answered: boolean
}

export interface FuzzTarget {
  readonly token: string
  readonly port: number
}

const PATHS: readonly [string, ...string[]] = [
  '/',
  '/health',
  '/login',
  '/logout',
  '/page.js',
  '/icon.svg',
  '/metrics',
  '/openapi.json',
  '/api/streams',
  '/api/streams/door',
  '/api/streams/door/state',
  '/api/streams/door/snapshot.jpg',
  '/api/streams/door/mjpeg',
  '/api/streams/door/live',
  '/api/streams/door/totals/reset',
  '/api/streams/nobody/state',
  '/api/camera/status',
  '/api/camera/stream',
  '/api/camera/process-info',
  '/api/totals/reset',
  '/api/areas',
  '/api/areas/shop/inside',
  '/api/history',
  '/api/events',
  '/api/log',
  '/api/detector',
  '/api/detect',
  '/api/jobs',
  '/job_status/1',
  '/process_video',
]
/** These start or end processes, or wait for something: seldom, so that there is time for the others. */
const COSTLY: readonly [string, ...string[]] = [
  '/warmup',
  '/api/doctor',
  '/api/streams/test',
  '/api/streams/door/start',
  '/api/streams/door/stop',
  '/api/streams/door/restart',
  '/api/camera/start',
  '/api/camera/stop',
  '/api/camera/restart',
]
const COSTLY_SHARE = 0.004
const CHANGE_SHARE = 0.05

const METHODS: readonly [string, ...string[]] = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const ODD_METHODS: readonly [string, ...string[]] = ['TRACE', 'CONNECT', 'PROPFIND', 'BREW', 'get', 'GET\t', '', '\0', 'G'.repeat(9_000)]
const QUERY: readonly [string, ...string[]] = [
  'stream',
  'from',
  'to',
  'bucket',
  'format',
  'width',
  'fps',
  'overlay',
  'token',
  'key',
  'limit',
]

/** A request that no well-behaved client would send, mostly. */
export function fuzzRequest(dice: Dice, target: FuzzTarget): FuzzRequest {
  const method = dice.chance(0.95) ? dice.pick(METHODS) : dice.pick(ODD_METHODS)
  const path = fuzzPath(dice, method)
  const version = dice.chance(0.98) ? 'HTTP/1.1' : dice.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', 'HTTP/1.1\0', '', 'HTTP/1.1 extra'])
  const first = `${method} ${path} ${version}`
  const body = fuzzBody(dice, method, path)
  const framing = fuzzFraming(dice, body)
  const headers = [...fuzzHeaders(dice, target), ...framing.headers]
  const end = dice.chance(0.99) ? '\r\n\r\n' : dice.pick(['\n\n', '\r\n', '', '\r\n\r\n\r\n'])
  const bytes = Buffer.concat([Buffer.from(`${[first, ...headers].join('\r\n')}${end}`, 'latin1'), framing.body])
  const cut = dice.chance(0.02)
  return {
    bytes: cut ? bytes.subarray(0, dice.whole(0, bytes.length - 1)) : bytes,
    about: first.slice(0, 120),
    answered:
      framing.whole && !cut && end === '\r\n\r\n' && version === 'HTTP/1.1' && METHODS.includes(method) && !/[^\x21-\x7e]/.test(path),
  }
}

function fuzzPath(dice: Dice, method: string): string {
  const isChange = method === 'PATCH' || method === 'DELETE'
  let path = dice.chance(COSTLY_SHARE) ? dice.pick(COSTLY) : dice.pick(PATHS)
  // Each makes a camera's process end and start.
  if (isChange && path === '/api/streams/door' && !dice.chance(CHANGE_SHARE)) path = '/api/streams/nobody'
  const kind = dice.number()
  if (kind < 0.1) path = dice.mutate(path)
  else if (kind < 0.14) path = path.replaceAll('/', () => dice.pick(['//', '/./', '/../', '/%2e%2e/', '/%2f', '\\', '/%00', '/;/']))
  else if (kind < 0.18) path = `${path}/${escaped(dice.nasty())}`
  else if (kind < 0.2) path = `/page.js/..${'/..'.repeat(dice.whole(0, 9))}/etc/passwd`
  else if (kind < 0.21) path = `${path}${'%41'.repeat(6_000)}`
  else if (kind < 0.22) path = `http://127.0.0.1${path}`
  else if (kind < 0.225) path = '*'
  else if (kind < 0.23) path = `${path}${dice.nasty()}`
  return dice.chance(0.3) ? `${path}?${fuzzQuery(dice)}` : path
}

function fuzzQuery(dice: Dice): string {
  return Array.from({ length: dice.whole(1, 4) }, () => {
    const value = dice.chance(0.5)
      ? dice.pick(['door', '1', '0', '16', '640', 'hour', 'csv', '2026-01-01T00:00:00Z', '0.1', 'on'])
      : dice.nasty()
    return `${dice.pick(QUERY)}=${dice.chance(0.8) ? escaped(value) : value.replaceAll(/\s/g, '')}`
  }).join('&')
}

/** Every byte by its number: encodeURIComponent throws on half a character. */
function escaped(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

function fuzzHeaders(dice: Dice, { token, port }: FuzzTarget): string[] {
  const headers = [dice.chance(0.95) ? `Host: 127.0.0.1:${port}` : `Host: ${printable(dice.nasty())}`]
  if (dice.chance(0.02)) headers.push('Host: example.com')
  const basic = Buffer.from(`user:${token}`).toString('base64')
  const wrong = dice.pick([`Bearer ${token}x`, 'Bearer', 'Digest x', 'Basic ====', `Bearer ${token} ${token}`])
  if (dice.chance(0.85)) headers.push(`Authorization: ${dice.chance(0.8) ? dice.pick([`Bearer ${token}`, `Basic ${basic}`]) : wrong}`)
  if (dice.chance(0.9)) headers.push('Connection: close')
  if (dice.chance(0.1))
    headers.push(`Range: ${dice.pick(['bytes=0-', 'bytes=-1', 'bytes=9-1', 'bytes=0-0,1-1', 'lines=1', `bytes=${'0-1,'.repeat(500)}`])}`)
  if (dice.chance(0.05))
    headers.push(`Origin: ${dice.pick(['null', 'http://evil.example', `http://127.0.0.1:${port}`, ':', 'http://[::'])}`)
  if (dice.chance(0.05))
    headers.push(`Cookie: headcount_${port}=${printable(dice.nasty())}; =; a=b=c; ${'x=1; '.repeat(dice.whole(0, 50))}`)
  if (dice.chance(0.05)) headers.push(...upgrade(dice))
  if (dice.chance(0.03)) headers.push(`X-Large: ${'y'.repeat(dice.whole(1, 20_000))}`)
  if (dice.chance(0.02)) headers.push(...Array.from({ length: dice.whole(10, 300) }, (_, n) => `X-Many-${n}: 1`))
  if (dice.chance(0.03)) headers.push(`${printable(dice.nasty())}: ${printable(dice.nasty())}`)
  if (dice.chance(0.03))
    headers.push(
      dice.pick(['Expect: 100-continue', 'If-None-Match: *', 'Last-Event-ID: -1', 'Last-Event-ID: 99999999999', 'Accept: text/csv']),
    )
  return headers
}

function upgrade(dice: Dice): string[] {
  return [
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Version: ${dice.whole(0, 14)}`,
    `Sec-WebSocket-Key: ${printable(dice.nasty())}`,
  ]
}

/** A header of one line; a broken one is the business of the mutations. */
function printable(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, '').slice(0, 200)
}

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

function fuzzBody(dice: Dice, method: string, path: string): Buffer | null {
  if ((method === 'GET' || method === 'HEAD') && !dice.chance(0.02)) return null
  if (dice.chance(0.2)) return null
  if (dice.chance(0.01)) return Buffer.alloc(dice.whole(60_000, 400_000), 'x')
  const told = TOLD.find(([route]) => route.test(path))?.[1](dice)
  if (told !== undefined && dice.chance(0.4)) return Buffer.from(anyObject(dice, told, { length: dice.chance(0.8) ? 0 : 1 }))
  return spoilt(dice, dice.chance(0.3) ? anyJson(dice) : anyObject(dice, told ?? {}))
}

interface Framing {
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly whole: boolean
}

/** How long the body is said to be: mostly the truth. */
function fuzzFraming(dice: Dice, body: Buffer | null): Framing {
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
