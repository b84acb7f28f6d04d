import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { openApp } from './hand-app.ts'

const test = suite('page')

interface Counts {
  readonly zoneRows: (stream: object) => object[]
  readonly lineRows: (stream: object) => object[]
  readonly insideText: (inside: number | null) => string
}

interface Overlay {
  readonly shapesOf: (
    stream: object,
    size: { width: number; height: number },
  ) => { points: number[][]; arrow?: number[][]; label: string }[]
}

interface Detection {
  readonly flagsOf: (stream: object) => string[]
  readonly npuText: (npu: object | null | undefined) => string
}

/** The page's own file, as a browser gets it. */
const { flagsOf, npuText } = (await import(new URL('agent/page/detection.js', installRoot).href)) as Detection
const { zoneRows, lineRows, insideText } = (await import(new URL('agent/page/counts.js', installRoot).href)) as Counts
const { shapesOf } = (await import(new URL('agent/page/overlay.js', installRoot).href)) as Overlay
const geometry = {
  zones: [
    {
      id: 'desk',
      polygon: [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
      ],
    },
  ],
  lines: [{ id: 'entrance', from: [0.8, 0], to: [0.8, 1] }],
}
const flags = (state: object, changes: object = {}) => flagsOf({ status: 'online', cpuFallback: false, state, ...changes })

test('says nothing beside a count of a real NPU that is well', () => {
  assert.equal(flags({ backend: 'hailo', simulated: false, quality: 'live' }), [])
})

test('says that the NPU is simulated, and when the CPU stands in for it', () => {
  assert.equal(flags({ backend: 'hailo', simulated: true, quality: 'live' }), ['simulated NPU'])
  assert.equal(flags({ backend: 'null:5', simulated: true, quality: 'live' }), ['simulated detector'])
  assert.equal(flags({ backend: 'hog', simulated: false, quality: 'live' }, { cpuFallback: true }), ['CPU stands in for the NPU'])
  assert.equal(flags({ backend: 'hailo', simulated: true, quality: 'stale' }, { status: 'degraded' }), [
    'degraded',
    'simulated NPU',
    'stale',
  ])
})

test('says how busy and how warm the NPU is, as far as it is known', () => {
  assert.is(npuText({ utilisation: 0.618, temperatureC: 54 }), '62 % busy, 54.0 °C')
  assert.is(npuText({ utilisation: 0, temperatureC: null }), '0 % busy')
  assert.is(npuText(null), '')
  assert.is(npuText(undefined), '')
})

test('says "unknown" of zones, lines and areas of which nothing is known, never 0', () => {
  for (const state of [{}, { zones: {}, lines: {} }, { zones: { desk: { count: null } }, lines: { entrance: { in: null } } }]) {
    assert.equal(zoneRows({ geometry, state }), [{ id: 'desk', count: 'unknown', dwell: 'unknown' }])
    assert.equal(lineRows({ geometry, state }), [
      { id: 'entrance', inToday: 'unknown', outToday: 'unknown', in: 'unknown', out: 'unknown' },
    ])
  }
  assert.equal([insideText(null), insideText(0)], ['unknown', '0'])
})

test('says how long people stay, as far as it is known', () => {
  const dwell = (zone: object) => (zoneRows({ geometry, state: { zones: { desk: { count: 0, ...zone } } } })[0] as { dwell: string }).dwell
  assert.is(dwell({ dwellCount: 0, dwellMeanS: null, dwellP90S: null }), 'nobody has left yet')
  assert.is(dwell({ dwellCount: 2, dwellMeanS: 3.25, dwellP90S: 240 }), '3.3 s on average, 9 of 10 within 4 min')
  assert.is(dwell({ dwellCount: 1, dwellMeanS: 12, dwellP90S: null }), '12 s on average')
})

test('draws in pixels of the picture, and points to the side of those who came in', () => {
  const [zone, line] = shapesOf({ geometry, state: { zones: { desk: { count: 1 } } } }, { width: 640, height: 480 })
  assert.equal(zone?.points, [
    [0, 0],
    [320, 0],
    [320, 480],
  ])
  assert.is(zone?.label, 'desk: 1')
  assert.equal(line?.points, [
    [512, 0],
    [512, 480],
  ])
  // Drawn from top to bottom: in is from left to right.
  assert.equal(line?.arrow?.slice(0, 2), [
    [512, 240],
    [534, 240],
  ])
  assert.is(line?.label, 'entrance: in unknown, out unknown')
})

test('is served whole: every file that a file of it names', async () => {
  const { app } = await openApp()
  const texts = readdirSync(new URL('agent/page', installRoot)).map((file) =>
    readFileSync(new URL(`agent/page/${file}`, installRoot), 'utf8'),
  )
  const named = texts.flatMap((text) =>
    [...text.matchAll(/(?:src|href)="(\/[^"]+)"|from '\.(\/[^']+)'/g)].map((match) => match[1] ?? match[2] ?? ''),
  )
  assert.ok(named.includes('/page.js') && named.includes('/detection.js'), named.join())
  for (const path of named) assert.is((await app.request(path)).status, 200, path)
})

test('has an element for every id that its program asks for', () => {
  const files = readdirSync(new URL('agent/page', installRoot))
  const text = (file: string) => readFileSync(new URL(`agent/page/${file}`, installRoot), 'utf8')
  const html = text('index.html')
  const programs = files.filter((file) => file.endsWith('.js')).map(text)
  const asked = [...programs.join('\n').matchAll(/(?:element|show|say)\('([a-z-]+)'/g)].map(([, id]) => id ?? '')
  assert.ok(asked.includes('npu') && asked.includes('npu-name'))
  for (const id of asked) assert.match(html, `id="${id}"`)
})

test.run()
