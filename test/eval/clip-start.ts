import { play } from '../ringsink/play.ts'

/** Copies the first frames of an AVI as they are compressed, into a Matroska file. */
export async function copyStart(clip: string, path: string, frames: number): Promise<void> {
  // The queue keeps avidemux from taking the early end for a fault.
  await write(`filesrc location="${clip}" ! avidemux ! queue ! identity eos-after=${frames} ! matroskamux`, path)
}

export interface Start {
  readonly frames: number
  readonly width: number
  readonly height: number
}

/** Writes the first frames of an MP4 with H.264 in another size, not compressed, into a Matroska file. */
export async function scaleStart(clip: string, path: string, { frames, width, height }: Start): Promise<void> {
  const scaled = `videoconvert ! videoscale ! video/x-raw,format=I420,width=${width},height=${height}`
  // Cut before the decoder, which heeds no early end, and keeps the last frame for itself.
  const cut = `qtdemux ! h264parse ! identity eos-after=${frames + 1}`
  await write(`filesrc location="${clip}" ! ${cut} ! decodebin ! ${scaled} ! matroskamux`, path)
}

async function write(launch: string, path: string): Promise<void> {
  const { error } = await play(`${launch} ! filesink name=sink location="${path}"`)
  if (error !== null) throw new Error(error)
}
