import { existsSync } from 'node:fs'
import { captureEnv, childEnv, ensureRegistry } from '../capture/environment.ts'
import { probeSource, type SourceCaps } from '../capture/probe.ts'
import type { StreamConfig } from '../config/stream-schema.ts'
import type { Crossing, Line } from '../counting/lines.ts'
import type { DetectorOrder } from '../engine/messages.ts'
import { defaultRuntimeFolder } from '../ring/default-folder.ts'
import { ClipScene } from './clip-scene.ts'
import type { SeenFrame } from './frames.ts'
import { watchClip } from './watch-clip.ts'

export interface ClipToCount {
  /** Absolute. */
  readonly path: string
  readonly detector: DetectorOrder
  /** How it is looked at and where people count. */
  readonly stream: Pick<StreamConfig, 'rotate' | 'flip' | 'masks' | 'zones' | 'exclude' | 'occupancy'>
  readonly lines: readonly Line[]
  readonly cacheDir: string
  readonly env: NodeJS.ProcessEnv
  /** A word that does not stop it. */
  readonly onNote: (text: string) => void
  /** What the clip is, before it is played; may throw to refuse it. */
  readonly onCaps?: (caps: SourceCaps) => void
  /** So many frames are counted; may throw to stop. */
  readonly onProgress?: (frames: number) => void
  readonly signal: AbortSignal
}

/** What was counted in a clip, frame for frame. */
export interface CountedFrames {
  readonly frames: readonly SeenFrame[]
  readonly crossings: readonly Crossing[]
  /** Frames a second, from the first to the last. */
  readonly fps: number
}

/** Plays every frame of a clip through capture, detector and counting, as a stream has them. Touches no running agent. Throws AgentError. */
export async function countClip(clip: ClipToCount): Promise<CountedFrames> {
  const { path, detector, stream, lines, cacheDir, env, signal, onNote, onCaps, onProgress } = clip
  const slowStart = await ensureRegistry(cacheDir, signal)
  signal.throwIfAborted()
  if (slowStart !== null) onNote(slowStart)
  const caps = await probeSource({ kind: 'file', path }, { env: captureEnv(cacheDir), signal })
  onCaps?.(caps)
  const scene = new ClipScene({ ...stream, lines })
  const { frames, crossings } = scene
  let startedMs = Number.NaN
  let endedMs = Number.NaN
  await watchClip({
    ...{ path, caps, view: stream, detector, signal },
    runtimeDir: defaultRuntimeFolder({ env, uid: process.getuid?.() ?? 0, exists: existsSync }),
    captureEnv: captureEnv(cacheDir),
    engineEnv: childEnv(env),
    onFrame: (report, epoch) => {
      endedMs = performance.now()
      // Loading the model is not part of the pace.
      if (frames.length === 0) startedMs = endedMs - report.inferenceUs / 1_000
      scene.see(report, epoch)
      onProgress?.(frames.length)
    },
  })
  scene.end()
  return { frames, crossings, fps: (frames.length * 1_000) / (endedMs - startedMs) }
}
