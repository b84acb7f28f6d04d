import type { DetectorOrder, EngineOrder, EngineReport } from '../../agent/engine/messages.ts'
import { Child } from '../../agent/supervise/child.ts'
import type { Track } from '../../agent/tracking/track.ts'
import { CaptureRun } from '../capture/capture-run.ts'
import type { ClipShape } from '../engine/detectors/clip-ring.ts'
import { eventually } from '../support/eventually.ts'

const ENGINE = new URL('../../agent/engine/child.js', import.meta.url)
const CLIP_LIMIT_MS = 900_000
const STREAM = 'clip'
const DOORBELL = 0

/** The confirmed tracks of every frame of a clip, by frame number from 0. */
export async function tracksIn(
  path: string,
  { width, height }: ClipShape,
  detector: DetectorOrder,
  env: NodeJS.ProcessEnv = {},
): Promise<{ found: Map<number, readonly Track[]>; ms: number }> {
  const startedMs = performance.now()
  const found = new Map<number, readonly Track[]>()
  let end: number | null = null
  let failed: string | null = null
  await using capture = new CaptureRun(
    { kind: 'file', path },
    { ring: { mode: 'lossless', maxWidth: width, maxHeight: height }, order: { pace: 'unthrottled', frame: { width, height, fps: 30 } } },
  )
  const { ring } = capture
  ring.setDoorbells(DOORBELL, DOORBELL + 1)
  ring.setReleaser('engine')
  await using engine = new Child<EngineOrder, EngineReport>(ENGINE, {
    env: { ...process.env, ...env },
    onReport(report) {
      // Frames are numbered from 1 in a ring, from 0 in the truth.
      if (report.type === 'results')
        for (const { seq, tracks } of report.frames)
          found.set(
            seq - 1,
            tracks.filter(({ confirmed }) => confirmed),
          )
      if (report.type === 'ended') end = report.seq
      if (report.type === 'failed') failed = report.fault.message
    },
  })
  const doorbellsPath = capture.folder.file('doorbells')
  engine.send({ type: 'start', detector, doorbellsPath, doorbell: DOORBELL, parentPid: process.pid })
  engine.send({ type: 'attach', stream: STREAM, ringPath: ring.path, detectFps: 30, weight: 1 })
  await eventually(() => end !== null || failed !== null, { what: `${path} has ended`, withinMs: CLIP_LIMIT_MS, everyMs: 20 })
  if (failed !== null) throw new Error(failed)
  if (found.size !== (end ?? 0) - 1) throw new Error(`${path}: ${found.size} results of ${(end ?? 0) - 1} frames`)
  return { found, ms: performance.now() - startedMs }
}
