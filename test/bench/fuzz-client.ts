import { connect } from 'node:net'
import type { FuzzRequest, FuzzTarget } from './fuzz-requests.ts'

/** What came back. */
export interface FuzzAnswer {
  /** Of every answer on the connection; none: the server closed without a word, or nothing was to be expected. */
  readonly statuses: readonly number[]
  readonly body: string
  /** It was whole and got no answer in time. */
  readonly hung: boolean
}

/** An answer to a whole request comes within this time, whatever else goes on. */
const PATIENCE_MS = 20_000
/** Nothing comes for half a request before the server's own limit. */
const HALF_MS = 100
const KEPT_BYTES = 16_384
const BODILESS = /^HTTP\/1\.1 (204|304) /
const ENDLESS = /^content-type: (multipart\/x-mixed-replace|text\/event-stream)/im

/** Sends one request on a connection of its own. `from`: an address of this machine, so that ports do not run out. */
export function exchange({ port }: FuzzTarget, { bytes, about, answered }: FuzzRequest, from: string): Promise<FuzzAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from })
    let text = ''
    let hung = false
    const limit = setTimeout(
      () => {
        hung = answered && text === ''
        socket.resetAndDestroy()
      },
      answered ? PATIENCE_MS : HALF_MS,
    )
    socket.on('data', (data) => {
      if (text.length < KEPT_BYTES) text += data.toString('latin1')
      if (isWhole(text, about.startsWith('HEAD '))) socket.resetAndDestroy()
    })
    // Reset by the server in the middle of our sending: an answer, too.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(limit)
      const statuses = [...text.matchAll(/(?:^|\n)HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
      resolve({ statuses, body: text.slice(text.indexOf('\r\n\r\n') + 4), hung })
    })
    socket.write(bytes)
  })
}

/** The answer is over, or goes on for ever. */
function isWhole(text: string, isHead: boolean): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = text.slice(0, end)
  if (isHead || BODILESS.test(head) || ENDLESS.test(head) || text.endsWith('\r\n0\r\n\r\n')) return true
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  return length !== undefined && text.length - end - 4 >= Math.min(Number(length), KEPT_BYTES - end - 4)
}
