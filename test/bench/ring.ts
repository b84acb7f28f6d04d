import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDoorbells, createRing, openDoorbells, openRing, openWriter, type Ring, waitOnDoorbell } from 'hailort-node/ring'
import { type BenchRow, median } from './row.ts'

const WAKES = 1000
const COPIES = 2000
const SD = { width: 640, height: 480 }

/** What the ring costs: waking a reader beside an IPC message, and writing and reading an SD frame beside a plain copy of it. */
export async function benchRing(): Promise<BenchRow[]> {
  const folder = mkdtempSync('/dev/shm/headcount-bench-')
  try {
    return [...(await wakeRows(folder)), ...copyRows(folder)]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function wakeRows(folder: string): Promise<BenchRow[]> {
  const bells = join(folder, 'doorbells')
  createDoorbells(bells, 2)
  const doorbells = openDoorbells(bells)
  const ring = ringOf(folder, { width: 64, height: 32 })
  ring.setDoorbells(1, 0)
  const wakesUs: number[] = []
  const messagesUs: number[] = []
  const waiter = waitOnDoorbell(doorbells, 1, () => {
    const nowMs = monotonicMs()
    const info = ring.frameInfo(ring.head)
    if (info) wakesUs.push((nowMs - info.arrivedMs) * 1000)
  })
  const child = fork(fileURLToPath(new URL('./ring-child.js', import.meta.url)), [bells, ring.path, String(WAKES)], {
    serialization: 'advanced',
  })
  child.on('message', (sentMs: number) => messagesUs.push((monotonicMs() - sentMs) * 1000))
  await once(child, 'exit')
  waiter.stop()
  ring.close()
  doorbells.close()
  const p50 = median(wakesUs)
  const peer = median(messagesUs)
  return [
    { metric: 'ring.wake_p50_us', value: p50, unit: 'µs', peer, ratio: p50 / peer, limit: peer, goal: '<= limit', ok: p50 <= peer },
    { metric: 'ring.wake_p99_us', value: p99(wakesUs), unit: 'µs', peer: p99(messagesUs) },
  ]
}

function copyRows(folder: string): BenchRow[] {
  const ring = ringOf(folder, SD)
  const writer = openWriter(ring)
  const from = new Uint8Array((SD.width * SD.height * 3) / 2).fill(7)
  const to = new Uint8Array(from.length)
  const writesUs: number[] = []
  const readsUs: number[] = []
  const copiesUs: number[] = []
  const timed = (into: number[], work: () => void) => {
    const beganNs = process.hrtime.bigint()
    work()
    into.push(Number(process.hrtime.bigint() - beganNs) / 1000)
  }
  for (let frame = 0; frame < COPIES; frame++) {
    timed(writesUs, () => writer.write(from, { ...SD, ptsNs: frame }))
    timed(readsUs, () => ring.readFrame(ring.head, to))
    timed(copiesUs, () => to.set(from))
  }
  writer.close()
  ring.close()
  const peer = median(copiesUs)
  return [
    { metric: 'ring.write_us', value: median(writesUs), unit: 'µs', peer, ratio: median(writesUs) / peer },
    { metric: 'ring.read_us', value: median(readsUs), unit: 'µs', peer, ratio: median(readsUs) / peer },
  ]
}

function ringOf(folder: string, { width, height }: { width: number; height: number }): Ring {
  const path = join(folder, `${width}.1.ring`)
  createRing(path, { slotCount: 8, maxWidth: width, maxHeight: height, format: 'I420', mode: 'live' })
  return openRing(path)
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function p99(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN
}
