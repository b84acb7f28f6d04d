import type { Source } from '../capture/messages.ts'
import { pipelineTemplate } from '../capture/templates.ts'
import { type Finding, ok } from './finding.ts'
import type { ProbeOutcome } from './probe-process.ts'
import type { SoftwareAnswer } from './software-probe.ts'

const CHECK = 'gstreamer'
type Kind = Source['kind']

const BAD = 'gstreamer1.0-plugins-bad'
/** Debian's packages; those that are not named here are in gstreamer1.0-plugins-base. */
const PACKAGES: Readonly<Record<string, string>> = {
  libcamerasrc: 'gstreamer1.0-libcamera',
  rtspsrc: 'gstreamer1.0-plugins-good',
  rtph264depay: 'gstreamer1.0-plugins-good',
  v4l2src: 'gstreamer1.0-plugins-good',
  videoflip: 'gstreamer1.0-plugins-good',
  jpegdec: 'gstreamer1.0-plugins-good',
  h264parse: BAD,
  avdec_h264: 'gstreamer1.0-libav',
}
/** What decodebin finds by itself in the usual case: any of a group will do, the first is what we would install. */
const DECODERS: Readonly<Partial<Record<Kind, readonly (readonly string[])[]>>> = {
  rtsp: [['rtph264depay'], ['h264parse'], ['avdec_h264', 'openh264dec', 'v4l2h264dec', 'v4l2slh264dec']],
  file: [['h264parse'], ['avdec_h264', 'openh264dec', 'v4l2h264dec', 'v4l2slh264dec']],
  v4l2: [['jpegdec', 'avdec_mjpeg', 'v4l2jpegdec']],
}
/** What our own elements are made of. */
const WITHIN = ['videoconvertscale', 'capsfilter']

/** All elements to ask GStreamer for. */
export function elementsOf(kinds: readonly Kind[]): readonly string[] {
  const names = kinds.flatMap((kind) => [...elementsIn(pipelineTemplate(kind)), ...(DECODERS[kind] ?? []).flat()])
  return [...new Set([...names, ...WITHIN])]
}

/** The elements that a launch text names. */
export function elementsIn(template: string): readonly string[] {
  const text = template.replace(/^\s*#.*$/gm, '').replace(/"[^"]*"/g, '""')
  return text.split('!').flatMap((part) => /^\s*([a-z][a-z0-9_]*)(?=\s|$)/.exec(part)?.[1] ?? [])
}

/** Has GStreamer every element that sources of these kinds need, and what any source needs? */
export function checkGStreamer(kinds: readonly Kind[], probe: ProbeOutcome<SoftwareAnswer>): readonly Finding[] {
  // Which native part is broken, or how the process ended, is told by the check of Node.
  if (probe.state !== 'answered' || probe.answer.elements === null) {
    const what = 'GStreamer cannot be asked for its elements.'
    const remedy =
      'Install it: sudo apt install gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav'
    return [{ check: CHECK, severity: 'failed', what, why: 'No camera can be opened without GStreamer.', remedy }]
  }
  const { elements, gstreamer } = probe.answer
  const has = (name: string) => elements[name] === true
  if (kinds.length === 0) {
    const missing = WITHIN.filter((name) => !has(name))
    return [missing.length > 0 ? lacking(missing, 'No source can be opened.') : ok(CHECK, `${gstreamer ?? 'GStreamer'} is there.`)]
  }
  const findings = kinds.flatMap((kind) => [...missingElements(kind, has), ...missingDecoders(kind, has)])
  return findings.length > 0 ? findings : [ok(CHECK, `${gstreamer ?? 'GStreamer'} has all that these sources need: ${kinds.join(', ')}.`)]
}

type Has = (name: string) => boolean

function missingElements(kind: Kind, has: Has): readonly Finding[] {
  const missing = [...elementsIn(pipelineTemplate(kind)), ...WITHIN].filter((name) => !has(name))
  return missing.length === 0 ? [] : [lacking(missing, `Sources of the kind ${kind} cannot be opened.`)]
}

function lacking(missing: readonly string[], why: string): Finding {
  return { check: CHECK, severity: 'failed', what: `GStreamer lacks ${missing.join(', ')}.`, why, remedy: installing(missing) }
}

function missingDecoders(kind: Kind, has: Has): readonly Finding[] {
  const missing = (DECODERS[kind] ?? []).filter((group) => !group.some(has)).map(([first = '']) => first)
  if (missing.length === 0) return []
  const what = `GStreamer lacks ${missing.join(', ')}.`
  const why = `Most sources of the kind ${kind} (${kind === 'v4l2' ? 'JPEG' : 'H.264'}) cannot be decoded.`
  return [{ check: CHECK, severity: 'warning', what, why, remedy: installing(missing) }]
}

function installing(elements: readonly string[]): string {
  const packages = new Set(elements.map((name) => PACKAGES[name] ?? 'gstreamer1.0-plugins-base'))
  return `Install ${packages.size === 1 ? 'it' : 'them'}: sudo apt install ${[...packages].join(' ')}`
}
