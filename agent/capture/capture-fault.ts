import { findCameras } from '../config/cameras.ts'
import { redactor } from '../config/redactor.ts'
import { AgentError, type AgentErrorCode } from '../errors.ts'
import type { BusMessage } from './gstreamer.ts'
import type { Source } from './messages.ts'
import { describeSource, secretsOf } from './source.ts'

/** Debian's package for what a launch text names. */
const PACKAGES: Readonly<Record<string, string>> = {
  libcamerasrc: 'gstreamer1.0-libcamera',
  rtspsrc: 'gstreamer1.0-plugins-good',
  v4l2src: 'gstreamer1.0-plugins-good',
  videoflip: 'gstreamer1.0-plugins-good',
  decodebin: 'gstreamer1.0-plugins-base',
  videoconvert: 'gstreamer1.0-plugins-base',
  videoconvertscale: 'gstreamer1.0-plugins-base',
  videotestsrc: 'gstreamer1.0-plugins-base',
}
const DECODER_PACKAGES = 'gstreamer1.0-libav gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly'

interface Rule {
  readonly kind?: Source['kind']
  readonly says: RegExp
  readonly code: AgentErrorCode
  readonly remedy: string
}

/** The first that fits; what is tested is GStreamer's text with its debug text, in English (capture/environment.ts). */
const RULES: readonly Rule[] = [
  { kind: 'file', says: /No such file|Resource not found/, code: 'SOURCE_MISSING', remedy: 'Check the path; "ls -l" shows what is there.' },
  {
    kind: 'file',
    says: /Permission denied|could not open file/i,
    code: 'SOURCE_UNREADABLE',
    remedy: 'Let the user headcount runs as read the file and its folders (chmod, chown).',
  },
  {
    says: /Missing (decoder|element): [^\n]*\((video|image)\//,
    code: 'ELEMENT_MISSING',
    remedy: `Install the decoders: sudo apt install ${DECODER_PACKAGES}.`,
  },
  {
    kind: 'rtsp',
    says: /Unauthorized|Not authori[sz]ed|\b401\b/i,
    code: 'SOURCE_UNAUTHORIZED',
    remedy: 'Check user and password: the user in the URL, the password there (%-encoded) or in passwordFile.',
  },
  {
    kind: 'rtsp',
    says: /Not Found|\b404\b|Forbidden|\b403\b|Bad Request|\b400\b|\b45\d\b/i,
    code: 'SOURCE_REFUSED',
    remedy: "Check the path of the URL against the camera's manual.",
  },
  {
    kind: 'rtsp',
    says: /time(d )?[- ]?out|Failed to connect|resolve/i,
    code: 'SOURCE_UNREACHABLE',
    remedy: 'Check address and port, that the camera is on, and the network between ("ping" its host).',
  },
  {
    kind: 'v4l2',
    says: /Cannot identify device|No such file|No such device|not a capture device|no capture/i,
    code: 'NO_CAMERA',
    remedy: 'Plug the camera in; "ls /dev/video*" shows the devices there are.',
  },
  {
    kind: 'libcamera',
    says: /(no|not find|any)\b.*camera|Camera .*not (found|be found)/i,
    code: 'NO_CAMERA',
    remedy: 'Check the ribbon cable of the camera; "rpicam-hello --list-cameras" shows the cameras there are.',
  },
  { kind: 'v4l2', says: /busy/i, code: 'SOURCE_FAILED', remedy: 'End the other program that uses the camera ("fuser -v /dev/video*").' },
]

/** What an error on the bus means for a person: GStreamer's own text, a code by its cause, and what to do. */
export function busFault(source: Source, { message = 'no reason given', debug, _src_element_name: element }: BusMessage): AgentError {
  // The first line is a place in GStreamer's own source: its numbers say nothing.
  const detail = (debug ?? '').split('\n').slice(1).join('\n').trim()
  const text = `${message} ${detail}`
  const what = `${describeSource(source)}: ${sayReason(source, message, detail)}`
  const rule = RULES.find(({ kind, says }) => (kind === undefined || kind === source.kind) && says.test(text))
  if (rule) return new AgentError(rule.code, what, { remedy: rule.remedy })
  if (source.kind === 'file' && !/^(ring|frame)/.test(element)) return notVideo(what)
  return new AgentError('SOURCE_FAILED', what, {
    remedy: 'It is opened again by itself; if this repeats, run with GST_DEBUG=3 and look at the log.',
  })
}

/** A file that ended without a single picture, or that nothing could read. */
export function notVideo(what: string): AgentError {
  return new AgentError('SOURCE_UNREADABLE', what, {
    remedy: 'Name a video file that plays elsewhere; "gst-discoverer-1.0 FILE" says what is in it.',
  })
}

/** The TCP connection itself was refused: known only by trying it (GStreamer says "Failed to connect" for all). */
export function connectionRefused(source: Source): AgentError {
  return new AgentError('SOURCE_REFUSED', `${describeSource(source)}: Connection refused.`, {
    remedy: 'Check the port of the URL and that RTSP is switched on in the camera.',
  })
}

/** Why a launch text could not become a pipeline. */
export function launchFault(source: Source, error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error)
  const missing = /no element "([^"]+)"/.exec(text)?.[1]
  if (missing === undefined) return error
  return new AgentError('ELEMENT_MISSING', `${describeSource(source)}: GStreamer has no element "${missing}".`, {
    remedy: `Install it: sudo apt install ${PACKAGES[missing] ?? DECODER_PACKAGES}.`,
    cause: error,
  })
}

/**
 * The error, or that no camera is there at all: then GStreamer's plugin for libcamera is not what a person misses first. Both are so on a
 * machine that is not a Raspberry Pi and has no camera, with the stream that is taken when none is configured.
 */
export async function withoutCamera(source: Source, error: unknown, folder?: string): Promise<unknown> {
  if (source.kind !== 'libcamera' || !(error instanceof AgentError) || !error.what.includes('"libcamerasrc"')) return error
  const { libcamera, v4l2 } = await findCameras(folder)
  if (libcamera || v4l2.length > 0) return error
  return new AgentError('NO_CAMERA', `${describeSource(source)}: no camera is there.`, {
    remedy: `Connect a camera: where no stream is configured it is found by itself. Or configure a stream. A Pi camera also needs ${PACKAGES['libcamerasrc']}.`,
    cause: error,
  })
}

/** GStreamer's text and its detail; secrets are cut out, also where the camera repeats them. */
function sayReason(source: Source, message: string, detail: string): string {
  const text = detail === '' || message.includes(detail) ? message : `${message} ${detail.replace(/\s+/g, ' ')}`
  const closed = /[.!?)]$/.test(text) ? text : `${text}.`
  return source.kind === 'rtsp' ? redactor(secretsOf(source))(closed.replaceAll(source.url, describeSource(source))) : closed
}
