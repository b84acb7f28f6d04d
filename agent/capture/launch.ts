import type { CaptureOrder, Source } from './messages.ts'

/** Only these stand in a launch text: none can hold a quote, a space or a `!`. */
export type LaunchValue = number | boolean | 'tcp' | 'udp' | Turn

/** Nicks of GstVideoOrientationMethod. */
type Turn = 'identity' | '90r' | '180' | '90l' | 'horiz' | 'vert' | 'ul-lr' | 'ur-ll'

/** A pipeline to be: its text, and what is set on the element named `source` once it is parsed. */
export interface Launch {
  readonly text: string
  /** Texts of the user's. They never become part of the launch text, so nothing in them can add an element. */
  readonly sourceProperties: Readonly<Record<string, string>>
}

export type StartOrder = Extract<CaptureOrder, { type: 'start' }>

const LARGEST_SIDE = 16_384
/** What cameras are asked for when a probe only wants to know what they give. */
const PROBE_WISH = { width: 640, height: 480, fps: 30 }

/** The pipeline of a capture from the template of its source kind. */
export function captureLaunch(template: string, { source, loop, pace, rotate, flip, frame }: StartOrder): Launch {
  // Turned after scaling, which is cheaper: what must fit is the picture lying on its side.
  const lying = rotate === 90 || rotate === 270
  const [width, height] = lying ? [frame.height, frame.width] : [frame.width, frame.height]
  return {
    text: fill(template, {
      ...{ width, height, fps: frame.fps, maxWidth: width, maxHeight: height, maxFps: frame.fps },
      turn: turnOf(rotate, flip),
      sync: pace === 'own',
      live: pace === 'own',
      ends: !loop,
      transport: transportOf(source),
    }),
    sourceProperties: propertiesOf(source),
  }
}

/** The pipeline that finds out what a source gives: its own size and rate, square pixels. */
export function probeLaunch(template: string, source: Source): Launch {
  return {
    text: fill(template, {
      ...PROBE_WISH,
      ...{ maxWidth: LARGEST_SIDE, maxHeight: LARGEST_SIDE, maxFps: 0 },
      ...{ turn: 'identity', sync: false, live: true, ends: false },
      transport: transportOf(source),
    }),
    sourceProperties: propertiesOf(source),
  }
}

/** The template's text on one line, without its comments. A placeholder without a value is a fault of the template. */
export function fill(template: string, values: Readonly<Record<string, LaunchValue>>): string {
  const lines = template.split('\n').filter((line) => !line.trimStart().startsWith('#'))
  const text = lines.map((line) => line.trim()).join(' ')
  return text
    .replace(/\{([^{}]*)\}/g, (_placeholder, name: string) => {
      const value = values[name]
      if (value === undefined) throw new Error(`The pipeline template asks for {${name}}, which has no value.`)
      return word(name, value)
    })
    .trim()
}

/** The last line of defence: types do not hold for what came by IPC. */
function word(name: string, value: LaunchValue): string {
  const text = String(value)
  if (!/^[0-9a-z-]+$/.test(text)) throw new Error(`{${name}} of a pipeline template cannot be ${JSON.stringify(text)}.`)
  return text
}

function transportOf(source: Source): 'tcp' | 'udp' {
  return source.kind === 'rtsp' ? source.transport : 'tcp'
}

function propertiesOf(source: Source): Readonly<Record<string, string>> {
  switch (source.kind) {
    case 'test':
      return {}
    case 'file':
      return { location: source.path }
    case 'v4l2':
      return { device: source.device }
    case 'libcamera':
      return source.name === null ? {} : { 'camera-name': source.name }
    case 'rtsp':
      return {
        ...(source.user === null ? {} : { 'user-id': source.user }),
        ...(source.password === null ? {} : { 'user-pw': source.password }),
        location: source.url,
      }
  }
}

/** Turned clockwise first, mirrored then. */
function turnOf(rotate: StartOrder['rotate'], flip: StartOrder['flip']): Turn {
  const turns: Record<StartOrder['rotate'], Record<StartOrder['flip'], Turn>> = {
    0: { none: 'identity', h: 'horiz', v: 'vert' },
    90: { none: '90r', h: 'ul-lr', v: 'ur-ll' },
    180: { none: '180', h: 'vert', v: 'horiz' },
    270: { none: '90l', h: 'ur-ll', v: 'ul-lr' },
  }
  return turns[rotate][flip]
}
