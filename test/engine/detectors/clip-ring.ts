import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createRing, openRing, openWriter, type Ring } from 'hailort-node/ring'
import { temporaryFolder } from '../../ring/temporary-ring.ts'

export interface ClipShape {
  readonly width: number
  readonly height: number
}

/** A frame of a clip, in a ring of its own. */
export interface ClipFrame {
  /** From 0. */
  readonly frame: number
  readonly ring: Ring
  readonly seq: number
}

/** A live ring with a writer; closed and removed with its scope. */
export function writableRing({ width, height }: ClipShape, slotCount = 8) {
  const folder = temporaryFolder()
  const path = join(folder.path, 'clip.1.ring')
  createRing(path, { slotCount, maxWidth: width, maxHeight: height, format: 'I420', mode: 'live' })
  const ring = openRing(path)
  const writer = openWriter(ring)
  return {
    ring,
    /** Puts a tightly packed I420 picture into the ring. */
    put(pixels: Uint8Array, size: ClipShape = { width, height }): number {
      const seq = writer.write(pixels, { ...size, ptsNs: -1 })
      if (seq === null) throw new Error('A live ring takes every frame.')
      return seq
    },
    /** Puts the end of the stream into the ring. */
    end(): number {
      const seq = writer.endOfStream()
      if (seq === null) throw new Error('A live ring takes every frame.')
      return seq
    },
    [Symbol.dispose]() {
      writer.close()
      ring.close()
      folder[Symbol.dispose]()
    },
  }
}

/** Every so many frames of a clip, from the first one named to before the last. */
export interface ClipRange {
  readonly from?: number
  readonly to?: number
  readonly every?: number
  /** Left and right changed. */
  readonly mirrored?: boolean
}

/** Decodes a clip with GStreamer, lossless and as fast as it is read, and puts the frames of the range into a ring. */
export async function* framesOf(
  path: string,
  shape: ClipShape,
  { from = 0, to = Infinity, every = 1, mirrored = false }: ClipRange = {},
): AsyncGenerator<ClipFrame> {
  using target = writableRing(shape)
  const bytes = (shape.width * shape.height * 3) / 2
  const flip = mirrored ? '! videoflip video-direction=horiz ' : ''
  const launch = `! decodebin ! videoconvert ${flip}! video/x-raw,format=I420,width=${shape.width},height=${shape.height} ! fdsink`
  const decoder = spawn('gst-launch-1.0', ['-q', 'filesrc', `location=${path}`, ...launch.split(' ')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    let frame = 0
    let rest: Buffer[] = []
    let length = 0
    for await (const chunk of decoder.stdout as AsyncIterable<Buffer>) {
      rest.push(chunk)
      length += chunk.length
      if (length < bytes) continue
      let all = Buffer.concat(rest, length)
      for (; all.length >= bytes; all = all.subarray(bytes), frame++) {
        if (frame >= to) return
        if (frame >= from && frame % every === 0) yield { frame, ring: target.ring, seq: target.put(all.subarray(0, bytes)) }
      }
      rest = [all]
      length = all.length
    }
  } finally {
    decoder.kill('SIGKILL')
  }
}
