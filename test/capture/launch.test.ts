import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { captureLaunch, fill, probeLaunch, type StartOrder } from '../../agent/capture/launch.ts'
import type { Source } from '../../agent/capture/messages.ts'
import { parseSource } from '../../agent/capture/source.ts'
import { pipelineTemplate } from '../../agent/capture/templates.ts'

const test = suite('launch texts')

const kinds = ['libcamera', 'v4l2', 'rtsp', 'file', 'test'] as const

function order(source: Source, changes: Partial<StartOrder> = {}): StartOrder {
  return {
    ...{ type: 'start', stream: 'door', source, loop: false, pace: 'own', rotate: 0, flip: 'none', masks: [] },
    ...{ frame: { width: 640, height: 480, fps: 30 }, ringPath: '/r', doorbellsPath: '/d', parentPid: 1 },
    ...changes,
  }
}

function textOf(source: Source, changes: Partial<StartOrder> = {}): string {
  return captureLaunch(pipelineTemplate(source.kind), order(source, changes)).text
}

/** Random text of what could end a word, a string or a link in a launch text. */
function nasty(seed: number): string {
  const pieces = [
    '!',
    '"',
    "'",
    '\\',
    ' ',
    '(',
    ')',
    '{',
    '}',
    'fakesink',
    ' ! filesink location=/tmp/x ! ',
    '$',
    '%',
    '#',
    ';',
    'name=source',
    '.',
    'ä',
    '\t',
    '\n',
    '\0',
    '=',
  ]
  let state = seed * 2_654_435_761
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return Array.from({ length: 1 + Math.floor(next() * 12) }, () => pieces[Math.floor(next() * pieces.length)]).join('')
}

test('every template is filled, and ends in the ring', () => {
  const sources = ['libcamera', 'v4l2:/dev/video0', 'rtsp://cam/1', 'file:/a', 'test'].map((text) => parseSource(text))
  for (const source of sources) {
    const text = textOf(source)
    assert.match(text, /! hcringsink [^!]*$/)
    assert.match(text, /! hcfit max-width=640 max-height=480 max-fps=30 !/)
    assert.not.match(text, /[{}#\n]/)
    assert.match(probeLaunch(pipelineTemplate(source.kind), source).text, /max-width=16384 max-height=16384 max-fps=0/)
  }
})

test('no text of the user ever stands in a launch text', () => {
  for (const kind of kinds) {
    const harmless = textOf(
      parseSource({ libcamera: 'libcamera:x', v4l2: 'v4l2:/dev/x', rtsp: 'rtsp://x/', file: 'file:/x', test: 'test' }[kind]),
    )
    for (let seed = 1; seed <= 300; seed++) {
      const text = nasty(seed)
      const sources: Record<(typeof kinds)[number], Source> = {
        libcamera: { kind: 'libcamera', name: text },
        v4l2: { kind: 'v4l2', device: text },
        rtsp: { kind: 'rtsp', url: text, user: text, password: text, transport: 'tcp' },
        file: { kind: 'file', path: text },
        test: { kind: 'test' },
      }
      const launch = captureLaunch(pipelineTemplate(kind), order(sources[kind], { stream: text, ringPath: text, doorbellsPath: text }))
      assert.is(launch.text, harmless)
      assert.ok(Object.values(launch.sourceProperties).every((value) => value === text))
    }
  }
})

test('a value that is not a plain word is refused, whatever the types say', () => {
  for (const value of ['1 ! fakesink', '"', 'a b', '', '1\n2', 'é']) {
    assert.throws(() => fill('hcfit max-width={width}', { width: value as unknown as number }), /pipeline template/)
  }
  assert.throws(() => fill('a={unknown}', {}), /no value/)
  assert.throws(() => fill('a={__proto__}', {}))
})

test('a picture turned on its side is fitted lying', () => {
  const text = textOf(parseSource('file:/a'), { rotate: 90, frame: { width: 480, height: 640, fps: 10 } })
  assert.match(text, /max-width=640 max-height=480 max-fps=10 ! videoflip video-direction=90r/)
})

test('only a file at its own pace waits for the clock, and only one that does not loop ends', () => {
  const file = parseSource('file:/a')
  assert.match(textOf(file), /sync=true ends=true/)
  assert.match(textOf(file, { loop: true }), /sync=true ends=false/)
  assert.match(textOf(file, { pace: 'unthrottled' }), /sync=false ends=true/)
  assert.match(textOf(parseSource('rtsp://cam/1')), /sync=false$/)
  assert.match(textOf(parseSource('test')), /is-live=true/)
  assert.match(textOf(parseSource('test'), { pace: 'unthrottled' }), /is-live=false/)
})

test('rotating and mirroring are one turn', () => {
  const turn = (changes: Partial<StartOrder>) => /hcfit.*video-direction=(\S+)/.exec(textOf(parseSource('test'), changes))?.[1]
  assert.is(turn({}), 'identity')
  assert.is(turn({ rotate: 180 }), '180')
  assert.is(turn({ rotate: 180, flip: 'h' }), 'vert')
  assert.is(turn({ rotate: 90, flip: 'h' }), 'ul-lr')
  assert.is(turn({ rotate: 270, flip: 'h' }), 'ur-ll')
})

test.run()
