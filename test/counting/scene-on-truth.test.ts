import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrueFrame } from '../../agent/eval/truth.ts'
import { PERSON } from '../../agent/tracking/track.ts'
import { Tracker } from '../../agent/tracking/tracker.ts'
import { type Clip, trueCrossingsOf, truthOf } from '../support/truth.ts'
import { randomFrom } from '../tracking/random.ts'
import { replay } from './scene-clip.ts'

const LINE = { 'one-by-one-person-detection': 0.8, vtest: 0.25 } as const

/** Crossings of a clip's line by the boxes of its truth, seen by a detector that trembles and misses, at a look every so many frames. */
function crossings(clip: Clip, truth: readonly TrueFrame[], every: number): [into: number, out: number] {
  const random = randomFrom(95)
  const tracker = new Tracker({ scoreThreshold: 0.3, confirmFrames: 3, buffer: 30 })
  const tremble = (size: number) => (random() - 0.5) * 0.1 * size
  const frames = truth
    .filter(({ frame }) => frame % every === 0)
    .map(({ frame, boxes }) => {
      const found = boxes
        .filter(() => random() > 0.05)
        .map(({ x1, y1, x2, y2 }) => {
          const [across, down] = [tremble(x2 - x1), tremble(y2 - y1)]
          return { x1: x1 + across, x2: x2 + across, y1: y1 + down, y2: y2 + down, score: 0.9, classId: PERSON }
        })
      return tracker.step(found, frame * 100)
    })
  const { events } = replay(frames, { lines: [{ id: 'line', from: [LINE[clip], 0], to: [LINE[clip], 1] }] }, every * 100)
  return [events.filter(({ type }) => type === 'line_in').length, events.filter(({ type }) => type === 'line_out').length]
}

const test = suite('scene on truth')

test('six people cross the line one by one, at any pace down to three looks a second', () => {
  const truth = truthOf('one-by-one-person-detection')
  if (truth === null) return
  for (const every of [1, 2, 3]) assert.equal(crossings('one-by-one-person-detection', truth, every), [6, 0], `every ${every} frames`)
})

test('in a busy street 5 come in and 9 go out, give or take one', () => {
  const truth = truthOf('vtest')
  if (truth === null) return
  for (const every of [1, 2, 3]) {
    const [into, out] = crossings('vtest', truth, every)
    assert.ok(Math.abs(into - 5) <= 1 && Math.abs(out - 9) <= 1, `${into} in, ${out} out, every ${every} frames`)
  }
})

test('the truth tells where the line is crossed', () => {
  for (const clip of ['one-by-one-person-detection', 'vtest'] as const) {
    const told = trueCrossingsOf(clip)
    if (told === null) return
    assert.equal([told.x, told.right, told.left], clip === 'vtest' ? [LINE.vtest, 5, 9] : [LINE[clip], 6, 0])
  }
})

test.run()
