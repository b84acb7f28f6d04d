import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the start-of-frame segment of a JPEG says; throws when it is no whole baseline JPEG. */
export function jpegSize(jpeg: Buffer): { readonly width: number; readonly height: number } {
  if (jpeg.readUInt16BE(0) !== 0xffd8) throw new Error('no start of image')
  if (jpeg.readUInt16BE(jpeg.length - 2) !== 0xffd9) throw new Error('no end of image')
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg.readUInt16BE(at) === 0xffc0) return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) }
  }
  throw new Error('no start of frame')
}

/** A decoded picture. */
export interface Decoded {
  readonly width: number
  readonly height: number
  /** Brightness at a place of the picture (0–1). */
  luma(x: number, y: number): number
}

/** Decodes with GStreamer's own JPEG decoder, in a process of its own: an opinion that is not ours. Widths must be multiples of 8. */
export async function decodeJpeg(jpeg: Buffer): Promise<Decoded> {
  const { width, height } = jpegSize(jpeg)
  const folder = await mkdtemp(join(tmpdir(), 'headcount-jpeg-'))
  try {
    const paths = { jpeg: join(folder, 'a.jpg'), raw: join(folder, 'a.raw') }
    await writeFile(paths.jpeg, jpeg)
    const script = fileURLToPath(new URL('mjpeg-decode-child.js', import.meta.url))
    const child = spawn(process.execPath, [script, paths.jpeg, paths.raw], { stdio: ['ignore', 'inherit', 'inherit'], timeout: 30_000 })
    await once(child, 'exit')
    const raw = await readFile(paths.raw)
    if (raw.length !== width * height) throw new Error(`decoded to ${raw.length} bytes`)
    return { width, height, luma: (x, y) => raw[Math.floor(y * height) * width + Math.floor(x * width)] ?? -1 }
  } finally {
    await rm(folder, { recursive: true })
  }
}
