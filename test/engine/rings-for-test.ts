import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  createDoorbells,
  createRing,
  type Doorbells,
  openDoorbells,
  openRing,
  openWriter,
  type Ring,
  type RingGeometry,
  type RingWriter,
} from 'hailort-node/ring'

/** The doorbell that the engine waits on. */
export const ENGINE_BELL = 1
const VIEWER_BELL = 0
const WIDTH = 64
const HEIGHT = 48
const FRAME_MS = 1_000 / 30

/** A runtime folder with rings in it, and writers for them that live in this process. */
export class RingsForTest implements Disposable {
  readonly dir = mkdtempSync('/dev/shm/headcount-engine-test-')
  readonly doorbellsPath = join(this.dir, 'doorbells')
  readonly doorbells: Doorbells
  readonly #open: { close(): void }[] = []

  constructor() {
    createDoorbells(this.doorbellsPath, 4)
    this.doorbells = openDoorbells(this.doorbellsPath)
  }

  pathOf(stream: string): string {
    return join(this.dir, `${stream}.1.ring`)
  }

  /** Makes a ring and the test's own mapping of it. */
  create(stream: string, geometry: Partial<RingGeometry> = {}): Ring {
    createRing(this.pathOf(stream), { slotCount: 8, maxWidth: WIDTH, maxHeight: HEIGHT, format: 'I420', mode: 'live', ...geometry })
    const ring = this.open(stream)
    ring.setDoorbells(ENGINE_BELL, VIEWER_BELL)
    return ring
  }

  /** Another mapping of a ring, as another process would have. */
  open(stream: string): Ring {
    const ring = openRing(this.pathOf(stream))
    ring.useDoorbells(this.doorbells)
    this.#open.push(ring)
    return ring
  }

  writer(ring: Ring): RingWriter {
    const writer = openWriter(ring)
    this.#open.push(writer)
    return writer
  }

  [Symbol.dispose](): void {
    for (const one of this.#open.reverse()) one.close()
    this.doorbells.close()
    rmSync(this.dir, { recursive: true })
  }
}

const pixels = new Uint8Array((WIDTH * HEIGHT * 3) / 2)

/** Writes the next frame, at 30 fps of stream time; null when a lossless ring is full. */
export function writeFrame(writer: RingWriter, index: number): number | null {
  return writer.write(pixels, { width: WIDTH, height: HEIGHT, ptsNs: Math.round(index * FRAME_MS * 1e6) })
}
