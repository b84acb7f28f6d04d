import type { SceneEvent, SceneSettings } from '../../agent/counting/scene.ts'
import type { Track } from '../../agent/tracking/track.ts'
import { tracksIn } from '../bench/clip-tracks.ts'
import { dataFile } from '../support/data.ts'
import { defaultOrder } from '../support/default-order.ts'
import { Watched } from './scene-watched.ts'

const CLIPS = {
  vtest: { file: 'vtest.avi', width: 768, height: 576 },
  'one-by-one-person-detection': { file: 'videos/one-by-one-person-detection.mp4', width: 768, height: 432 },
} as const

export type Clip = keyof typeof CLIPS

const FRAME_MS = 100

/** The tracks of each frame of a clip with the ONNX model, in order, or null when clip or model are not on this machine. */
export async function clipTracks(clip: Clip): Promise<readonly (readonly Track[])[] | null> {
  const path = dataFile(CLIPS[clip].file)
  const model = path === null ? null : dataFile('models/yolox_nano.onnx')
  if (path === null || model === null) return null
  const { found } = await tracksIn(path, CLIPS[clip], defaultOrder('onnx', { model }))
  return [...found].sort(([a], [b]) => a - b).map(([, frame]) => frame)
}

/** What a scene says of a whole clip, a look every so often, and the counts told after each. */
export function replay(
  frames: readonly (readonly Track[])[],
  settings: Partial<SceneSettings>,
  everyMs = FRAME_MS,
): { events: readonly SceneEvent[]; counts: readonly (number | null)[] } {
  const watched = new Watched(settings)
  watched.atMs = -everyMs
  const counts = frames.map((tracks) => {
    watched.look(tracks, { afterMs: everyMs })
    return watched.view.count
  })
  watched.tell('end')
  return { events: watched.events, counts }
}
