import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createDoorbells, createRing } from 'hailort-node/ring'
import { TempFolder } from '../capture/capture-run.ts'
import type { CaptureRoundOrder } from './capture-child.ts'
import { atMost, type BenchRow, median } from './row.ts'

const WIDTH = 640
const HEIGHT = 480
const FRAME_BYTES = (WIDTH * HEIGHT * 3) / 2
const SLOTS = 12
const FRAMES = 400
const ROUNDS = 9
const LIMIT_RATIO = 2.5
const ROUND_LIMIT_MS = 30_000

/** Microseconds of CPU to copy one frame into memory the size of a ring, one slot after the other. */
function copyUs(): number {
  const frame = Buffer.alloc(FRAME_BYTES, 1)
  const ring = Buffer.alloc(FRAME_BYTES * SLOTS)
  const before = process.cpuUsage()
  for (let index = 0; index < FRAMES; index++) ring.set(frame, (index % SLOTS) * FRAME_BYTES)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / FRAMES
}

/** CPU of a 640×480 frame into the ring, against the same frame thrown away and copied once: all in one run, alternated. */
export async function benchCapture(): Promise<BenchRow[]> {
  using folder = new TempFolder()
  const target = { ringPath: folder.file('ring'), doorbellsPath: folder.file('doorbells'), masks: [] }
  createRing(target.ringPath, { slotCount: SLOTS, maxWidth: WIDTH, maxHeight: HEIGHT, format: 'I420', mode: 'live' })
  createDoorbells(target.doorbellsPath, 2)
  const child = fork(fileURLToPath(new URL('./capture-child.js', import.meta.url)), { execArgv: [], serialization: 'advanced' })
  const round = async (sink: CaptureRoundOrder['sink']): Promise<number> => {
    const order: CaptureRoundOrder = { sink, frames: FRAMES, target }
    child.send(order)
    const [answer] = (await once(child, 'message', { signal: AbortSignal.timeout(ROUND_LIMIT_MS) })) as [number | string]
    if (typeof answer === 'string') throw new Error(`${sink}: ${answer}`)
    return answer
  }
  try {
    await round('fakesink')
    await round('hcringsink') // the first rounds load plugins and touch the ring's pages
    const fake: number[] = []
    const ring: number[] = []
    const copy: number[] = []
    for (let index = 0; index < ROUNDS; index++) {
      fake.push(await round('fakesink'))
      ring.push(await round('hcringsink'))
      copy.push(copyUs())
    }
    const [fakeUs, ringUs, memcpyUs] = [median(fake), median(ring), median(copy)]
    return [
      atMost('capture.cpu_ratio', ringUs / (fakeUs + memcpyUs), 'ratio', LIMIT_RATIO),
      { metric: 'capture.ringsink_us', value: ringUs, unit: 'µs/frame', peer: fakeUs + memcpyUs },
      { metric: 'capture.fakesink_us', value: fakeUs, unit: 'µs/frame' },
      { metric: 'capture.memcpy_us', value: memcpyUs, unit: 'µs/frame' },
    ]
  } finally {
    child.kill('SIGKILL')
  }
}
