import { framesTaken, registerRingSink, seenFormat } from 'hailort-node/ringsink'
import { AgentError } from '../errors.ts'
import { ringFailure } from '../ring/ring-failure.ts'
import { busFault, connectionRefused, launchFault, notVideo } from './capture-fault.ts'
import { type BusMessage, loadGStreamer } from './gstreamer.ts'
import { captureLaunch, type Launch, probeLaunch, type StartOrder } from './launch.ts'
import type { CaptureReport, Source } from './messages.ts'
import { Pipeline } from './pipeline.ts'
import { refusesConnection } from './reachable.ts'
import { describeSource } from './source.ts'
import { pipelineTemplate } from './templates.ts'

/** What a capture tells: what it reports, and the failure it ends with. */
export interface CaptureEvents {
  readonly report: (report: Exclude<CaptureReport, { type: 'failed' }>) => void
  readonly fail: (error: unknown) => void
}

/** A probe looks at so many frames before it says what the source is. */
const PROBE_FRAMES = 3
/** Frames to measure a rate by that the source does not announce. */
const MEASURE_FRAMES = 12
const PROBE_LIMIT_MS = 15_000
const PROBE_LOOK_EVERY_MS = 20

/** Plays the source of an order into its ring. Returns the running pipeline; throws what can be known at once. */
export function startCapture(order: StartOrder, events: CaptureEvents): Pipeline {
  const { source, loop, ringPath, doorbellsPath, masks } = order
  const gstreamer = loadGStreamer()
  try {
    registerRingSink({ ringPath, doorbellsPath, masks })
  } catch (error) {
    throw ringFailure(error, { doing: `attach to the ring of stream "${order.stream}"`, path: ringPath })
  }
  const pipeline = make(gstreamer, source, captureLaunch(pipelineTemplate(source.kind), order))
  let framesBefore = 0
  const onEnd = (): void => {
    const frames = framesTaken()
    if (source.kind !== 'file') events.fail(streamOver(source))
    else if (frames === framesBefore) events.fail(noPicture(source))
    else if (!loop) events.report({ type: 'ended' })
    else if (!pipeline.rewind()) events.fail(notVideo(`${describeSource(source)}: it cannot be played again from its beginning.`))
    framesBefore = frames
  }
  pipeline.play((message) => hear(source, message, onEnd, events))
  events.report({ type: 'playing' })
  return pipeline
}

/** Finds out what a source gives, without a ring, and reports its caps. */
export function startProbe(source: Source, events: CaptureEvents): Pipeline {
  const gstreamer = loadGStreamer()
  registerRingSink(null)
  const pipeline = make(gstreamer, source, probeLaunch(pipelineTemplate(source.kind), source))
  const startedMs = performance.now()
  const answer = (enough: boolean): boolean => {
    const format = seenFormat()
    if (format === null || framesTaken() === 0 || !enough) return false
    clearInterval(looking)
    events.report({ type: 'caps', ...format, durationMs: source.kind === 'file' ? pipeline.durationMs : null })
    return true
  }
  const looking = setInterval(() => {
    const wanted = (seenFormat()?.fps ?? 0) > 0 ? PROBE_FRAMES : MEASURE_FRAMES
    if (answer(framesTaken() >= wanted) || performance.now() - startedMs < PROBE_LIMIT_MS) return
    if (!answer(true)) events.fail(silent(source))
    clearInterval(looking)
  }, PROBE_LOOK_EVERY_MS)
  const onEnd = (): void => {
    if (!answer(true)) events.fail(noPicture(source))
  }
  const fail = (error: unknown): void => {
    clearInterval(looking)
    events.fail(error)
  }
  pipeline.play((message) => hear(source, message, onEnd, { ...events, fail }))
  return pipeline
}

function make(gstreamer: ReturnType<typeof loadGStreamer>, source: Source, launch: Launch): Pipeline {
  try {
    return new Pipeline(gstreamer, launch)
  } catch (error) {
    throw launchFault(source, error)
  }
}

function hear(source: Source, message: BusMessage, onEnd: () => void, { fail }: CaptureEvents): void {
  if (message.type === 'eos') onEnd()
  if (message.type !== 'error') return
  const fault = busFault(source, message)
  if (source.kind === 'rtsp' && fault.code === 'SOURCE_UNREACHABLE') {
    void refusesConnection(source.url).then((refused) => fail(refused ? connectionRefused(source) : fault))
  } else {
    fail(fault)
  }
}

function noPicture(source: Source): AgentError {
  return notVideo(`${describeSource(source)}: it ended without a single picture.`)
}

function streamOver(source: Source): AgentError {
  return new AgentError('SOURCE_FAILED', `${describeSource(source)}: the camera ended the stream.`, {
    remedy: 'It is opened again by itself; if this repeats, look into the settings of the camera.',
  })
}

function silent(source: Source): AgentError {
  return new AgentError('SOURCE_SILENT', `${describeSource(source)}: no picture came within ${PROBE_LIMIT_MS / 1_000} s.`, {
    remedy: 'Check that the camera sends video.',
  })
}
