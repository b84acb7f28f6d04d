import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Things } from '../../../agent/engine/detectors/hog-things.ts'
import type { DetectedBox } from '../../../agent/tracking/track.ts'

const STRONG = 0.8

/** A box of a tenth of the picture's width, half as high as it. */
function at(x: number, score = 0.64): DetectedBox {
  return { x1: x, y1: 0.4, x2: x + 0.1, y2: 0.9, score, classId: 0 }
}

/** A round of four frames that sees nobody, with these boxes in them. */
function emptyRound(things: Things, boxesOf: (frame: number) => readonly DetectedBox[]): void {
  for (let frame = 0; frame < 4; frame++) things.learn(boxesOf(frame), frame === 3 ? 'nobody' : null)
}

const test = suite('hog things')

test('what stays in its place through a round that sees nobody is a thing from then on', () => {
  const things = new Things()
  assert.equal(things.without([at(0.2)], STRONG), [at(0.2)])
  emptyRound(things, (frame) => [at(0.2 + 0.005 * (frame % 2)), at(0.5)])
  assert.equal(things.without([at(0.21), at(0.5), at(0.8)], STRONG), [at(0.8)])
})

test('a thing that is not seen for a while is the same thing when it is seen again', () => {
  const things = new Things()
  emptyRound(things, () => [at(0.2)])
  for (let round = 0; round < 100; round++) emptyRound(things, () => [])
  assert.equal(things.without([at(0.2)], STRONG), [])
})

test('who walks through an empty round is no thing, nor who comes in the middle of it', () => {
  const things = new Things()
  emptyRound(things, (frame) => [at(0.1 + 0.05 * frame), ...(frame > 0 ? [at(0.7)] : [])])
  for (const x of [0.1, 0.15, 0.2, 0.25, 0.7]) assert.equal(things.without([at(x)], STRONG), [at(x)], `at ${x}`)
})

test('who stays while a round leaves a trace of somebody is no thing', () => {
  const things = new Things()
  for (let frame = 0; frame < 4; frame++) things.learn([at(0.2)], frame === 3 ? 'somebody' : null)
  assert.equal(things.without([at(0.2)], STRONG), [at(0.2)])
})

test('what a round with a trace has shown does not count for the next one', () => {
  const things = new Things()
  things.learn([at(0.2)], 'somebody')
  emptyRound(things, (frame) => (frame < 2 ? [] : [at(0.2)]))
  assert.equal(things.without([at(0.2)], STRONG), [at(0.2)])
})

test('somebody strong before a thing is somebody', () => {
  const things = new Things()
  emptyRound(things, () => [at(0.2)])
  assert.equal(things.without([at(0.2, STRONG)], STRONG), [at(0.2, STRONG)])
})

test('somebody of another size in its place is somebody', () => {
  const things = new Things()
  emptyRound(things, () => [at(0.2)])
  const child = { ...at(0.2), y1: 0.7 }
  assert.equal(things.without([child], STRONG), [child])
})

test('remembers no more than a few things, the latest', () => {
  const things = new Things()
  const place = (round: number): DetectedBox => ({ ...at(0), y1: 0.001 * round, y2: 0.001 * round + 0.0004 })
  for (let round = 0; round < 200; round++) emptyRound(things, () => [place(round)])
  assert.equal(things.without([place(0)], STRONG), [place(0)])
  assert.equal(things.without([place(199)], STRONG), [])
})

test.run()
