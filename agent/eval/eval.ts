import { basename, resolve } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import { detectorOrder } from '../supervise/detector-order.ts'
import { detectorsHere } from '../supervise/detectors-here.ts'
import { countClip } from './count-clip.ts'
import { type EvalWords, readInputs } from './inputs.ts'
import { expectedAt } from './lines.ts'
import type { EvalReport } from './report.ts'
import { behindTruth, checkAnnounced, checkSameClip } from './same-clip.ts'
import { scoreClip } from './score.ts'

export interface EvalOptions extends EvalWords {
  readonly loaded: LoadedConfig
  readonly env: NodeJS.ProcessEnv
  /** A word that does not stop it. */
  readonly onNote: (text: string) => void
  /** Frames counted so far, and in all. */
  readonly onProgress: (done: number, all: number) => void
  readonly signal: AbortSignal
}

/** Counts a clip and scores what was counted against its truth. Throws AgentError. */
export async function evaluate(options: EvalOptions): Promise<EvalReport> {
  const { clip, loaded, env, onNote, onProgress, signal } = options
  const { truth, stream, lines, crossings: told } = await readInputs(options, loaded.config)
  const detector = detectorOrder(loaded.config, await detectorsHere(env))
  const { frames, crossings, fps } = await countClip({
    ...{ path: resolve(clip), detector, stream, lines, env, onNote, signal },
    cacheDir: loaded.places.cacheDir,
    onCaps: (caps) => checkAnnounced(truth, caps.fps),
    onProgress: (done) => {
      if (done > truth.length) throw behindTruth(truth)
      onProgress(done, truth.length)
    },
  })
  checkSameClip(truth, frames)
  const expected = told === null ? [] : [[told.line.id, expectedAt(told.line, told.truth, frames)] as const]
  return {
    ...scoreClip({ truth, frames, crossings, lines, expected: new Map(expected) }),
    fps,
    detector: detector.model === null ? detector.backend : `${detector.backend} (${basename(detector.model)})`,
  }
}
