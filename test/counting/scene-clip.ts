import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SceneEvent, SceneSettings } from '../../agent/counting/scene.ts'
import type { Backend, DetectorOrder } from '../../agent/engine/messages.ts'
import { installRoot } from '../../agent/install-root.ts'
import type { Track } from '../../agent/tracking/track.ts'
import { tracksIn } from '../bench/clip-tracks.ts'
import { dataFile } from '../support/data.ts'
import { Watched } from './scene-watched.ts'

const CLIPS = {
  vtest: { file: 'vtest.avi', width: 768, height: 576 },
  'one-by-one-person-detection': { file: 'videos/one-by-one-person-detection.mp4', width: 768, height: 432 },
} as const

export type Clip = keyof typeof CLIPS

const FRAME_MS = 100
/** What decides which tracks there are: kept ones are used only while none of it has changed. */
const DECIDING = { folders: ['dist/agent/engine/detectors', 'dist/agent/tracking'], addon: 'native/build/Release/vision.node' }

/** The tracks of each frame of a clip, in order, or null when clip or model are not on this machine. Kept in the folder for temporary files, as it takes a minute. */
export async function clipTracks(backend: Extract<Backend, 'hog' | 'onnx'>, clip: Clip): Promise<readonly (readonly Track[])[] | null> {
  const path = dataFile(CLIPS[clip].file)
  const model = path !== null && backend === 'onnx' ? dataFile('models/yolox_nano.onnx') : null
  if (path === null || (backend === 'onnx' && model === null)) return null
  const folder = join(tmpdir(), `headcount-clip-tracks-${process.getuid?.() ?? 0}`)
  const kept = join(folder, `${backend}-${clip}-${await fingerprint([path, ...(model === null ? [] : [model])])}.json`)
  if (existsSync(kept)) return JSON.parse(await readFile(kept, 'utf8')) as Track[][]
  const { found } = await tracksIn(path, CLIPS[clip], orderOf(backend, model))
  const tracks = [...found].sort(([a], [b]) => a - b).map(([, frame]) => frame)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(`${kept}.${process.pid}`, JSON.stringify(tracks))
  await rename(`${kept}.${process.pid}`, kept)
  return tracks
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

async function fingerprint(inputs: readonly string[]): Promise<string> {
  const root = fileURLToPath(installRoot)
  const scripts = await Promise.all(DECIDING.folders.map((folder) => scriptsIn(join(root, folder))))
  const hash = createHash('sha256')
  for (const file of [...scripts.flat(), join(root, DECIDING.addon), ...inputs]) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

async function scriptsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => join(folder, name))
}

/** The defaults of the configuration. */
function orderOf(backend: Backend, model: string | null): DetectorOrder {
  return {
    backend,
    model,
    hefFolders: [],
    devices: 'all',
    cpuFallback: false,
    scoreThreshold: 0.3,
    iouThreshold: 0.45,
    batchSize: 2,
    maxBatch: 16,
    hog: { people: 'auto', searchHeight: 'auto', stride: 8, scale: 1.05, hitThreshold: 'auto' },
    tracking: { buffer: 30, confirmFrames: 3 },
  }
}
