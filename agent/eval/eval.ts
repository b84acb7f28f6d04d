import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { captureEnv, childEnv, ensureRegistry } from '../capture/environment.ts'
import { probeSource } from '../capture/probe.ts'
import type { LoadedConfig } from '../config/load.ts'
import { defaultRuntimeFolder } from '../ring/default-folder.ts'
import { detectorOrder } from '../supervise/detector-order.ts'
import { detectorsHere } from '../supervise/detectors-here.ts'
import { ClipScene } from './clip-scene.ts'
import { type EvalWords, readInputs } from './inputs.ts'
import { expectedAt } from './lines.ts'
import type { EvalReport } from './report.ts'
import { behindTruth, checkAnnounced, checkSameClip } from './same-clip.ts'
import { scoreClip } from './score.ts'
import { watchClip } from './watch-clip.ts'

export interface EvalOptions extends EvalWords {
  readonly loaded: LoadedConfig
  readonly env: NodeJS.ProcessEnv
  /** A word that does not stop it. */
  readonly onNote: (text: string) => void
  /** Frames counted so far, and in all. */
  readonly onProgress: (done: number, all: number) => void
  readonly signal: AbortSignal
}

/** Plays a clip through capture, detector and counting, each frame of it, and scores what was counted. Touches no running agent. Throws AgentError. */
export async function evaluate(options: EvalOptions): Promise<EvalReport> {
  const { loaded, env, onNote, onProgress, signal } = options
  const { truth, stream, lines, crossings } = await readInputs(options, loaded.config)
  const detector = detectorOrder(loaded.config, await detectorsHere(env))
  const path = resolve(options.clip)
  const { cacheDir } = loaded.places
  const slowStart = await ensureRegistry(cacheDir, signal)
  signal.throwIfAborted()
  if (slowStart !== null) onNote(slowStart)
  const caps = await probeSource({ kind: 'file', path }, { env: captureEnv(cacheDir), signal })
  checkAnnounced(truth, caps.fps)

  const scene = new ClipScene({ ...stream, lines })
  const { frames } = scene
  let startedMs = Number.NaN
  await watchClip({
    ...{ path, caps, view: stream, detector, signal },
    runtimeDir: defaultRuntimeFolder({ env, uid: process.getuid?.() ?? 0, exists: existsSync }),
    captureEnv: captureEnv(cacheDir),
    engineEnv: childEnv(env),
    onFrame: (report, epoch) => {
      if (frames.length === truth.length) throw behindTruth(truth)
      // Loading the model is not part of the pace.
      if (frames.length === 0) startedMs = performance.now() - report.inferenceUs / 1_000
      scene.see(report, epoch)
      onProgress(frames.length, truth.length)
    },
  })
  const fps = (frames.length * 1_000) / (performance.now() - startedMs)
  scene.end()
  checkSameClip(truth, frames)
  const expected = crossings === null ? [] : [[crossings.line.id, expectedAt(crossings.line, crossings.truth, frames)] as const]
  return {
    ...scoreClip({ truth, frames, crossings: scene.crossings, lines, expected: new Map(expected) }),
    fps,
    detector: detector.model === null ? detector.backend : `${detector.backend} (${basename(detector.model)})`,
  }
}
