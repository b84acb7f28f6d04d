import { connect } from 'node:net'
import { setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

/*
 * N viewers of one MJPEG URL on this machine, for a bounded time, at nice 19. Prints one JSON line: frames of each viewer
 * within the counted time and the client's own CPU seconds, so that its share of the cores can be taken off.
 * Frames are counted by their boundary: the cheapest thing that is right for any multipart stream, chunked or not.
 */

/** Long enough that JPEG data does not contain it by chance in the minutes a bench runs. */
const MARK_MIN_BYTES = 6

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string', default: '' },
    viewers: { type: 'string', default: '1' },
    warmup: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '8' },
  },
})
const url = new URL(values.url ?? '')
if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) throw new Error('viewer-load: loopback only')
setPriority(19)

interface Viewer {
  frames: number
  bytes: number
  error: string | null
}

function view(): Viewer {
  const viewer: Viewer = { frames: 0, bytes: 0, error: null }
  const socket = connect(Number(url.port), url.hostname)
  const authorization = values.token === '' ? '' : `Authorization: Bearer ${values.token}\r\n`
  socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${authorization}Connection: close\r\n\r\n`)
  let mark: Buffer | null = null
  let tail = Buffer.alloc(0)
  socket.on('data', (data) => {
    viewer.bytes += data.length
    const text = tail.length > 0 ? Buffer.concat([tail, data]) : data
    if (mark === null) {
      const head = text.toString('latin1', 0, 4_096)
      const boundary = head.match(/boundary="?(?:--)?([^";\r\n]+)/)?.[1]
      if (!head.startsWith('HTTP/1.') || !head.includes(' 200 ')) viewer.error = head.split('\r\n')[0] ?? ''
      if (boundary === undefined) {
        tail = text
        return
      }
      mark = Buffer.from(`--${boundary}\r\n`)
      if (mark.length < MARK_MIN_BYTES) viewer.error = `boundary too short to count by: ${boundary}`
    }
    let at = text.indexOf(mark)
    for (; at >= 0; at = text.indexOf(mark, at + mark.length)) viewer.frames++
    const keep = Math.min(text.length, mark.length - 1)
    // A boundary cut by the end of this piece is found with the next; a whole one is not counted twice (keep < its length).
    tail = Buffer.from(text.subarray(text.length - keep))
  })
  socket.on('error', (error) => {
    viewer.error = error.message
  })
  return viewer
}

const viewers = Array.from({ length: Number(values.viewers) }, view)
await sleep(Number(values.warmup) * 1_000)
const before = viewers.map(({ frames }) => frames)
const cpuBefore = process.cpuUsage()
const startedMs = performance.now()
await sleep(Math.min(Number(values.seconds), 120) * 1_000)
const seconds = (performance.now() - startedMs) / 1_000
const cpu = process.cpuUsage(cpuBefore)
const frames = viewers.map((viewer, index) => viewer.frames - (before[index] ?? 0))
const errors = [...new Set(viewers.flatMap(({ error }) => error ?? []))]
process.stdout.write(`${JSON.stringify({ seconds, frames, cpuSeconds: (cpu.user + cpu.system) / 1e6, errors })}\n`, () => process.exit())
