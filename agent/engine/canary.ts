import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createRing, openRing, openWriter } from 'hailort-node/ring'
import { monotonicMs } from '../ring/monotonic.ts'
import type { FrameDetector } from './engine.ts'

const WIDTH = 640
const HEIGHT = 480
const STREAM = 'canary'
const MOST_RUNS = 20
/** A slow detector is measured by one run: counts wait for it. */
const ENOUGH_MS = 300

/** Lets the detector look at a synthetic picture, so that it is known to work before anybody relies on it. Returns its p99 time for one frame. */
export async function runCanary(detector: FrameDetector, doorbellsPath: string): Promise<number> {
  const path = join(dirname(doorbellsPath), `canary.${process.pid}.ring`)
  createRing(path, { slotCount: 4, maxWidth: WIDTH, maxHeight: HEIGHT, format: 'I420', mode: 'live' })
  const ring = openRing(path)
  // Nobody else needs its name, and a killed engine leaves no file.
  rmSync(path)
  try {
    const writer = openWriter(ring)
    const seq = writer.write(syntheticPicture(), { width: WIDTH, height: HEIGHT, ptsNs: 0 }) ?? 0
    const startedMs = monotonicMs()
    const runsMs: number[] = []
    while (runsMs.length < MOST_RUNS && (runsMs.length === 0 || monotonicMs() - startedMs < ENOUGH_MS)) {
      const runMs = monotonicMs()
      const [found] = await detector.detect([{ stream: STREAM, ring, seq }])
      if (found == null) throw new Error('The detector gave no answer for the canary picture.')
      runsMs.push(monotonicMs() - runMs)
    }
    writer.close()
    // The first run also allocates: it counts only where there is no other.
    return Math.max(...(runsMs.length > 1 ? runsMs.slice(1) : runsMs))
  } finally {
    detector.forget(STREAM)
    ring.close()
  }
}

/** Grey stripes of many sizes: something to look at, nobody to find. */
function syntheticPicture(): Uint8Array {
  const pixels = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128)
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) pixels[y * WIDTH + x] = 64 + (((x * x) / 97 + y * 3) & 127)
  return pixels
}
