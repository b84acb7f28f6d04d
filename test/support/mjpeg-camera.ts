import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createDoorbells,
  createRing,
  type Detection,
  type Doorbells,
  openDoorbells,
  openRing,
  openWriter,
  type PixelFormat,
  type Ring,
  type RingWriter,
} from 'hailort-node/ring'

/** The doorbell that stands for viewers in these tests. */
export const VIEWERS_DOORBELL = 1

/** A ring whose frames and results a test writes by hand. */
export interface HandCamera extends AsyncDisposable {
  readonly ring: Ring
  readonly doorbells: Doorbells
  /** Writes one flat frame, and its result block unless `boxes` is null. Returns its sequence number. */
  frame(luma: number, boxes: readonly Detection[] | null): number
  /** Writes a frame that compresses badly, with an empty result block. Returns its sequence number. */
  noise(): number
  /** A new ring in place of this one, as after a change of geometry. */
  replace(size: { readonly width: number; readonly height: number }): void
}

export interface HandCameraOptions {
  readonly width?: number
  readonly height?: number
  readonly slotCount?: number
  readonly format?: PixelFormat
}

/** One person in the picture. */
export function person(x1: number, y1: number, x2: number, y2: number, trackId = 1): Detection {
  return { x1, y1, x2, y2, score: 0.9, classId: 0, trackId }
}

export async function openHandCamera({
  width = 320,
  height = 240,
  slotCount = 8,
  format = 'I420',
}: HandCameraOptions = {}): Promise<HandCamera> {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-camera-'))
  createDoorbells(join(folder, 'doorbells'), 2)
  const doorbells = openDoorbells(join(folder, 'doorbells'))
  const rings: { readonly ring: Ring; readonly writer: RingWriter; readonly width: number; readonly height: number }[] = []

  const replace = (size: { readonly width: number; readonly height: number }): void => {
    const path = join(folder, `hand.${rings.length}.ring`)
    createRing(path, { slotCount, maxWidth: size.width, maxHeight: size.height, format, mode: 'live' })
    const ring = openRing(path)
    ring.useDoorbells(doorbells)
    ring.setDoorbells(0, VIEWERS_DOORBELL)
    rings.push({ ring, writer: openWriter(ring), ...size })
  }
  const now = () => {
    const last = rings.at(-1)
    if (last === undefined) throw new Error('no ring')
    return last
  }
  replace({ width, height })
  const write = (pixels: Uint8Array, boxes: readonly Detection[] | null): number => {
    const { ring, writer, ...size } = now()
    const seq = writer.write(pixels, { ...size, ptsNs: 0 })
    if (seq === null) throw new Error('the ring took no frame')
    if (boxes !== null) {
      ring.writeResults(seq, { detections: boxes, inferenceUs: 1_000, predicted: false, cpuFallback: false, simulated: false })
    }
    return seq
  }
  return {
    get ring() {
      return now().ring
    },
    doorbells,
    replace,
    frame: (luma, boxes) => write(flatFrame(luma, format, now()), boxes),
    noise: () => write(randomBytes((now().width * now().height * 3) / 2), []),
    async [Symbol.asyncDispose]() {
      for (const { ring, writer } of rings) {
        writer.close()
        ring.close()
      }
      doorbells.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Grey pixels of one brightness. */
function flatFrame(luma: number, format: PixelFormat, { width, height }: { readonly width: number; readonly height: number }): Uint8Array {
  if (format === 'RGB3') return new Uint8Array(width * height * 3).fill(luma)
  const pixels = new Uint8Array((width * height * 3) / 2).fill(128)
  return pixels.fill(luma, 0, width * height)
}
