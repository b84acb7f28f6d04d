import type { SceneEvent, SceneSettings } from '../../agent/counting/scene.ts'
import type { Track } from '../../agent/tracking/track.ts'
import { Watched } from './scene-watched.ts'

/** What a scene says of a whole clip, a look every so often. */
export function replay(
  frames: readonly (readonly Track[])[],
  settings: Partial<SceneSettings>,
  everyMs: number,
): { events: readonly SceneEvent[] } {
  const watched = new Watched(settings)
  watched.atMs = -everyMs
  for (const tracks of frames) watched.look(tracks, { afterMs: everyMs })
  watched.tell('end')
  return { events: watched.events }
}
