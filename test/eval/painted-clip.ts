import { rmSync, writeFileSync } from 'node:fs'
import { play } from '../ringsink/play.ts'

export interface ClipShape {
  readonly width: number
  readonly height: number
  readonly fps: number
}

export const SQUARE: ClipShape = { width: 64, height: 64, fps: 10 }

/** Writes an AVI whose frames are each of one colour (red, green, blue of 255), not compressed. */
export async function writeClip(path: string, colours: readonly (readonly [number, number, number])[], shape = SQUARE): Promise<void> {
  const { width, height, fps } = shape
  const raw = `${path}.raw`
  writeFileSync(raw, Buffer.concat(colours.map((colour) => frameOf(colour, width * height))))
  const parse = `rawvideoparse format=i420 width=${width} height=${height} framerate=${fps}/1`
  const { error } = await play(`filesrc location="${raw}" ! ${parse} ! avimux ! filesink name=sink location="${path}"`)
  rmSync(raw)
  if (error !== null) throw new Error(error)
}

/** A grey clip of so many frames. */
export function writeGreyClip(path: string, frames: number, shape = SQUARE): Promise<void> {
  return writeClip(
    path,
    Array.from({ length: frames }, () => [128, 128, 128] as const),
    shape,
  )
}

/** BT.601, limited range: what the detectors take frames for. */
function frameOf([red, green, blue]: readonly [number, number, number], pixels: number): Buffer {
  const y = 16 + 0.2568 * red + 0.5041 * green + 0.0979 * blue
  const u = 128 - 0.1482 * red - 0.291 * green + 0.4392 * blue
  const v = 128 + 0.4392 * red - 0.3678 * green - 0.0714 * blue
  return Buffer.concat([
    Buffer.alloc(pixels, Math.round(y)),
    Buffer.alloc(pixels / 4, Math.round(u)),
    Buffer.alloc(pixels / 4, Math.round(v)),
  ])
}

/** The truth of a clip, from who stands where in each frame. */
export function truthText(frames: readonly (readonly (readonly [number, number, number, number])[])[], fps = SQUARE.fps): string {
  const lines = frames.map((boxes, frame) => ({
    frame,
    ptsMs: (frame * 1_000) / fps,
    count: boxes.length,
    boxes,
    ids: boxes.map((_, id) => id),
  }))
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Those whom the detector of tests sees in every frame. */
export const STANDING = ([0.1, 0.4, 0.7] as const).map((x) => [x, 0.3, x + 0.1, 0.8] as const)

/** The truth of a clip in which they stand all the time. */
export function standingTruth(frames: number, fps = SQUARE.fps): string {
  return truthText(
    Array.from({ length: frames }, () => STANDING),
    fps,
  )
}
