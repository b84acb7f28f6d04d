import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { openApp } from './hand-app.ts'

const test = suite('page')

interface Detection {
  readonly flagsOf: (stream: object) => string[]
  readonly npuText: (npu: object | null | undefined) => string
}

/** The page's own file, as a browser gets it. */
const { flagsOf, npuText } = (await import(new URL('agent/page/detection.js', installRoot).href)) as Detection
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

test('is served whole: every file that a file of it names', async () => {
  const { app } = await openApp()
  const texts = ['index.html', 'page.js'].map((file) => readFileSync(new URL(`agent/page/${file}`, installRoot), 'utf8'))
  const named = texts.flatMap((text) =>
    [...text.matchAll(/(?:src|href)="(\/[^"]+)"|from '\.(\/[^']+)'/g)].map((match) => match[1] ?? match[2] ?? ''),
  )
  assert.ok(named.includes('/page.js') && named.includes('/detection.js'), named.join())
  for (const path of named) assert.is((await app.request(path)).status, 200, path)
})

test('has an element for every id that its program asks for', () => {
  const [html = '', program = ''] = ['index.html', 'page.js'].map((file) =>
    readFileSync(new URL(`agent/page/${file}`, installRoot), 'utf8'),
  )
  const asked = [...program.matchAll(/(?:element|show|say)\('([a-z-]+)'/g)].map(([, id]) => id ?? '')
  assert.ok(asked.includes('npu') && asked.includes('npu-name'))
  for (const id of asked) assert.match(html, `id="${id}"`)
})

test.run()
