import { AgentError } from '../errors.ts'
import type { SeenFrame } from './frames.ts'
import { type TrueFrame, truthFps } from './truth.ts'

/** Rates that differ by more are of two clips: 29.97 and 30 are one, 24 and 25 are not. */
const SAME_RATE = 0.02
/** What a container announces may be wrong by more, as long as the frames' own times agree. */
const ANNOUNCED_RATE = 0.5

/** Says before the clip is played that the truth is surely of another one. `fps` is what the container announces, 0 = nothing. */
export function checkAnnounced(truth: readonly TrueFrame[], fps: number): void {
  if (fps > 0) checkRate(truth, fps, ANNOUNCED_RATE)
}

/** Throws TRUTH_INVALID when the truth has not one line for each frame of the clip, at its rate. */
export function checkSameClip(truth: readonly TrueFrame[], frames: readonly SeenFrame[]): void {
  if (frames.length < truth.length) {
    throw otherClip(`The truth tells of ${truth.length} frames, but the clip has ${frames.length}.`)
  }
  if (frames.length > truth.length) throw behindTruth(truth)
  const spanMs = (frames.at(-1)?.ptsMs ?? 0) - (frames[0]?.ptsMs ?? 0)
  checkRate(truth, ((frames.length - 1) * 1_000) / spanMs, SAME_RATE)
}

/** The clip goes on where the truth has ended. */
export function behindTruth(truth: readonly TrueFrame[]): AgentError {
  return otherClip(`The truth tells of ${truth.length} frames, but the clip goes on.`)
}

function checkRate(truth: readonly TrueFrame[], fps: number, tolerance: number): void {
  const expected = truthFps(truth)
  if (Math.abs(fps / expected - 1) <= tolerance) return
  throw otherClip(`By its ptsMs the truth is of a clip with ${rounded(expected)} frames a second; this one has ${rounded(fps)}.`)
}

function rounded(fps: number): string {
  return String(Number(fps.toFixed(2)))
}

function otherClip(what: string): AgentError {
  return new AgentError('TRUTH_INVALID', what, {
    remedy: 'Name the clip and the truth that belong together: one line for each decoded frame, ptsMs by the clip’s own rate.',
  })
}
