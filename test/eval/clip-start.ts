import { play } from '../ringsink/play.ts'

/** Copies the first frames of a clip (MP4 with H.264, or AVI) as they are compressed. */
export async function copyStart(clip: string, path: string, frames: number): Promise<void> {
  const [demux, mux] = clip.endsWith('.mp4') ? ['qtdemux ! h264parse', 'mp4mux'] : ['avidemux', 'avimux']
  // The last one is not let through.
  const cut = `identity eos-after=${frames + 1}`
  const { error } = await play(`filesrc location="${clip}" ! ${demux} ! ${cut} ! ${mux} ! filesink name=sink location="${path}"`)
  if (error !== null) throw new Error(error)
}
