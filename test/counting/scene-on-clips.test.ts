import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SceneEvent } from '../../agent/counting/scene.ts'
import { truthOf } from '../support/score.ts'
import { type Clip, clipTracks, replay } from './scene-clip.ts'

const LINES = {
  'one-by-one-person-detection': { id: 'line', from: [0.8, 0], to: [0.8, 1] },
  vtest: { id: 'line', from: [0.25, 0], to: [0.25, 1] },
} as const
const TOLERANCE_MS = 1_000

const test = suite('scene on clips')

const count = (events: readonly SceneEvent[], type: SceneEvent['type']) => events.filter((event) => event.type === type).length
const changes = (counts: readonly (number | null)[]) => counts.filter((one, index) => index > 0 && one !== counts[index - 1]).length

/** The whole clip with its line, beside how often the true count changes; null when this machine has no such clip or model. */
async function counted(backend: 'hog' | 'onnx', clip: Clip) {
  const frames = await clipTracks(backend, clip)
  if (frames === null) return null
  const { events, counts } = replay(frames, { lines: [LINES[clip]] })
  const truth = truthOf(clip)
  const known = counts.filter((one) => one !== null)
  const scored = truth.filter(({ frame, ambiguous }) => !ambiguous && counts[frame] !== null)
  const mae = scored.reduce((sum, one) => sum + Math.abs((counts[one.frame] ?? 0) - one.count), 0) / scored.length
  return { events, flicker: changes(known) / changes(truth.map((one) => one.count)), mae }
}

/** When the six people cross the line, to the frame, as somebody saw it. */
function trueCrossingsMs(): number[] {
  const text = readFileSync(new URL('../../../test/truth/crossings.json', import.meta.url), 'utf8')
  const { 'one-by-one-person-detection': clip } = JSON.parse(text) as { 'one-by-one-person-detection': { eventFrames: number[] } }
  return clip.eventFrames.map((frame) => frame * 100)
}

for (const backend of ['hog', 'onnx'] as const)
  test(`${backend}: six people cross the line one by one, each within a second of the truth, and the count does not flicker`, async () => {
    const result = await counted(backend, 'one-by-one-person-detection')
    if (result === null) return
    const { events, flicker, mae } = result
    assert.equal([count(events, 'line_in'), count(events, 'line_out')], [6, 0])
    const times = events.filter(({ type }) => type === 'line_in').map(({ atMs }) => atMs)
    for (const [index, trueMs] of trueCrossingsMs().entries()) {
      const offMs = (times[index] ?? Infinity) - trueMs
      assert.ok(Math.abs(offMs) <= TOLERANCE_MS, `crossing ${index + 1} is off by ${offMs} ms`)
    }
    assert.ok(flicker <= 1.5, `${flicker} published changes a true one`)
    assert.ok(mae <= 0.1, `mean error of the published count: ${mae}`)
  })

test('onnx: in a busy street the line is crossed 5 times in and 9 times out, give or take one, and the count does not flicker', async () => {
  const result = await counted('onnx', 'vtest')
  if (result === null) return
  const { events, flicker, mae } = result
  const [into, out] = [count(events, 'line_in'), count(events, 'line_out')]
  assert.ok(Math.abs(into - 5) <= 1 && Math.abs(out - 9) <= 1, `${into} in, ${out} out`)
  assert.ok(flicker <= 1.5, `${flicker} published changes a true one`)
  assert.ok(mae <= 0.6, `mean error of the published count: ${mae}`)
})

test.run()
