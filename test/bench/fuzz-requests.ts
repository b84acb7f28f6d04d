import { fuzzBody, fuzzFraming, printable } from './fuzz-bodies.ts'
import type { Dice } from './fuzz-dice.ts'

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
