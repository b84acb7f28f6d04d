import type { CaptureOrder, CaptureReport } from '../capture/messages.ts'
import type { SourceCaps } from '../capture/probe.ts'
import type { DetectorOrder, EngineOrder, EngineReport, FrameReport } from '../engine/messages.ts'
import { AgentError, type Fault } from '../errors.ts'
import { losslessSlotCount } from '../ring/layout.ts'
import { RingFiles } from '../ring/ring-files.ts'
import { RuntimeFolder } from '../ring/runtime-folder.ts'
import { Child, type Exit } from '../supervise/child.ts'
import { Verdict } from './verdict.ts'

type StartOrder = Extract<CaptureOrder, { type: 'start' }>

export interface ClipWatch {
  /** Absolute. */
  readonly path: string
  /** Of the clip: it is looked at in its own size. */
  readonly caps: Pick<SourceCaps, 'width' | 'height'>
  readonly view: Pick<StartOrder, 'rotate' | 'flip' | 'masks'>
  readonly detector: DetectorOrder
  /** The runtime folder of this user; ours is a private one in it. */
  readonly runtimeDir: string
  readonly captureEnv: NodeJS.ProcessEnv
  readonly engineEnv: NodeJS.ProcessEnv
  /** Every frame, in order; `epoch` tells lives of the engine apart. What it throws ends the watching. */
  readonly onFrame: (report: FrameReport, epoch: number) => void
  readonly signal: AbortSignal
  /** Without any sign of life for so long, capture or engine hangs. */
  readonly silentAfterMs?: number
}

const CAPTURE = new URL('../capture/child.js', import.meta.url)
const ENGINE = new URL('../engine/child.js', import.meta.url)
const STREAM = 'clip'
/** Loading a model takes longest. */
const SILENT_AFTER_MS = 90_000
/** A report on its way when a process ends is still read. */
const LAST_REPORT_MS = 200
/** Of a file every frame is taken. */
const ALL_FRAMES = 0

/** Plays a whole clip through a capture and an engine, each a process of its own, without losing a frame; leaves nothing behind. Throws AgentError. */
export async function watchClip(watch: ClipWatch): Promise<void> {
  const { path, view, detector, runtimeDir, signal, silentAfterMs = SILENT_AFTER_MS } = watch
  signal.throwIfAborted()
  await using folder = await RuntimeFolder.openPrivate(runtimeDir)
  using files = RingFiles.open(folder)
  const { doorbellsPath } = folder
  const [width, height] = largestPicture(watch)
  const slotCount = losslessSlotCount(detector.batchSize)
  using file = files.create(STREAM, { slotCount, maxWidth: width, maxHeight: height, format: 'I420', mode: 'lossless' })
  const { ring, path: ringPath } = file
  const [doorbell, nobody] = [files.takeDoorbell(), files.takeDoorbell()]
  ring.setDoorbells(doorbell, nobody)
  ring.setReleaser('engine')

  using verdict = new Verdict(signal)
  const hearCapture = captureListener(verdict)
  await using engine = new Child<EngineOrder, EngineReport>(ENGINE, {
    name: 'engine',
    env: watch.engineEnv,
    onReport: engineListener(watch, verdict),
  })
  await using capture = new Child<CaptureOrder, CaptureReport>(CAPTURE, {
    name: 'capture',
    env: watch.captureEnv,
    onReport: hearCapture.onReport,
  })
  void engine.exited.then((exit) => setTimeout(() => verdict.fail(died('ENGINE_DIED', 'detection', exit)), LAST_REPORT_MS))
  void capture.exited.then((exit) => setTimeout(() => hearCapture.onExit(exit), LAST_REPORT_MS))
  const { rotate, flip, masks } = view
  const parentPid = process.pid
  engine.send({ type: 'start', detector, doorbellsPath, doorbell, parentPid })
  engine.send({ type: 'attach', stream: STREAM, ringPath, detectFps: 30, weight: 1 })
  capture.send({
    ...{ type: 'start', stream: STREAM, source: { kind: 'file', path }, loop: false, pace: 'unthrottled', rotate, flip, masks },
    ...{ frame: { width, height, fps: ALL_FRAMES }, ringPath, doorbellsPath, parentPid },
  })
  verdict.watchSilence(silentAfterMs, () => silent(path, ring.head > ring.released))
  await verdict.settled
}

/** The clip's own size, even, as it comes out of the capture. */
function largestPicture({ caps, view }: ClipWatch): readonly [width: number, height: number] {
  const [width, height] = [caps.width + (caps.width % 2), caps.height + (caps.height % 2)]
  return view.rotate === 90 || view.rotate === 270 ? [height, width] : [width, height]
}

function engineListener({ onFrame }: ClipWatch, verdict: Verdict): (report: EngineReport) => void {
  let epoch = 0
  let lastSeq = 0
  return (report) => {
    if (report.type === 'stats') return
    verdict.alive()
    if (report.type === 'ready') epoch++
    if (report.type === 'failed' || report.type === 'ringLost') verdict.fail(foreseen(report.fault))
    if (report.type === 'ended') verdict.succeed()
    if (report.type !== 'results') return
    verdict.attempt(() => {
      for (const frame of report.frames) {
        // Frames are numbered from 1 in a ring.
        if (frame.seq !== ++lastSeq) throw new Error(`Frame ${frame.seq} of the clip came instead of ${lastSeq}.`)
        onFrame(frame, epoch)
      }
    })
  }
}

function captureListener(verdict: Verdict) {
  let played = false
  return {
    onReport: (report: CaptureReport): void => {
      if (report.type === 'failed') verdict.fail(foreseen(report.fault))
      if (report.type === 'ended') played = true
    },
    /** Once the whole clip is in the ring its capture may go. */
    onExit: (exit: Exit): void => {
      if (!played) verdict.fail(died('CAPTURE_DIED', 'capture', exit))
    },
  }
}

function foreseen({ code, message, remedy }: Fault): AgentError {
  return new AgentError(code, message, { remedy })
}

function died(code: 'ENGINE_DIED' | 'CAPTURE_DIED', name: string, { code: exitCode, signal }: Exit): AgentError {
  const how = signal === null ? `with exit code ${exitCode ?? 'none'}` : `by ${signal}`
  return new AgentError(code, `The ${name} process ended ${how} before the clip was over.`, {
    remedy: 'Try again; if this repeats, look for "out of memory" in dmesg, and run with GST_DEBUG=3.',
  })
}

function silent(path: string, framesWait: boolean): AgentError {
  if (!framesWait) {
    return new AgentError('SOURCE_SILENT', `${path} gives no more frames, and no end.`, {
      remedy: 'Name a video file that plays elsewhere; "gst-discoverer-1.0 FILE" says what is in it.',
    })
  }
  return new AgentError('ENGINE_SILENT', 'The detection process gives no results although frames wait.', {
    remedy: 'Try again; if this repeats, take a smaller model or another detector.backend.',
  })
}
