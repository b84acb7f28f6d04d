import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HogDetector } from '../../../agent/engine/detectors/hog.ts'
import type { Box } from '../../../agent/tracking/track.ts'
import { dataFile } from '../../support/data.ts'
import { scoreBoxes, truthOf } from '../../support/truth.ts'
import { type ClipRange, framesOf, writableRing } from './clip-ring.ts'

const ORDER = {
  scoreThreshold: 0.3,
  hog: { people: 'auto', searchHeight: 'auto', stride: 8, scale: 1.05, hitThreshold: 'auto' },
} as const
/** What would start a track. */
const SURE = 0.6

const CLIPS = {
  street: { name: 'vtest', file: 'vtest.avi', width: 768, height: 576 },
  corridor: { name: 'one-by-one-person-detection', file: 'videos/one-by-one-person-detection.mp4', width: 768, height: 432 },
} as const

/** Scores the sure boxes of the frames in the range, from `from` on: before that it may learn. */
async function scoreOf({ name, file, ...shape }: (typeof CLIPS)[keyof typeof CLIPS], range: ClipRange, from: number) {
  const clip = dataFile(file)
  const truth = clip === null ? null : truthOf(name)
  if (clip === null || truth === null) return null
  await using detector = new HogDetector(ORDER)
  const found = new Map<number, readonly Box[]>()
  for await (const { frame, ring, seq } of framesOf(clip, shape, range)) {
    const [result] = await detector.detect([{ stream: name, ring, seq }])
    if (frame >= from) found.set(frame, result?.boxes.filter((box) => box.score >= SURE) ?? [])
  }
  return scoreBoxes(truth, found)
}

const test = suite('hog detector')

test('finds small people in a busy street, after learning how small they are', async () => {
  const result = await scoreOf(CLIPS.street, { from: 200, to: 368, every: 8 }, 232)
  if (result === null) return
  assert.is(result.frames, 17)
  assert.ok(result.recall >= 0.7, `recall ${result.recall}`)
  assert.ok(result.precision >= 0.8, `precision ${result.precision}`)
})

test('finds people who fill the picture with the same settings', async () => {
  const result = await scoreOf(CLIPS.corridor, { from: 60, to: 360, every: 3 }, 120)
  if (result === null) return
  assert.ok(result.exact >= 0.8, `exact ${result.exact}`)
  assert.ok(result.precision >= 0.8, `precision ${result.precision}`)
})

/** Whom the engine counts, look by look, from the frame on with which it starts; stops at the first number. */
async function firstCount({ name, file, ...shape }: (typeof CLIPS)[keyof typeof CLIPS], from: number) {
  const clip = dataFile(file)
  const truth = clip === null ? null : truthOf(name)
  if (clip === null || truth === null) return null
  await using detector = new HogDetector(ORDER)
  let guesses = 0
  for await (const { frame, ring, seq } of framesOf(clip, shape, { from, to: from + 40 })) {
    const [result] = await detector.detect([{ stream: name, ring, seq }])
    if (result?.guess === true) guesses++
    else return { guesses, found: result?.boxes.filter((box) => box.score >= SURE).length, truth: truth[frame]?.count }
  }
  throw new Error('It guesses for ever.')
}

test('is done guessing within a few frames, and then finds somebody where there are people', async () => {
  for (const [clip, from] of [
    [CLIPS.street, 160],
    [CLIPS.street, 480],
    [CLIPS.corridor, 100],
    [CLIPS.corridor, 480],
  ] as const) {
    const first = await firstCount(clip, from)
    if (first === null) return
    const { guesses, found = 0, truth } = first
    assert.ok(guesses >= 1 && guesses <= 6, `${guesses} guesses in ${clip.name} from ${from}`)
    assert.is(found > 0, truth !== 0, `${found} found of ${truth} in ${clip.name} from ${from}`)
  }
})

test('a height from the configuration is no guess', async () => {
  await using detector = new HogDetector({ ...ORDER, hog: { ...ORDER.hog, searchHeight: 240 } })
  using small = writableRing({ width: 128, height: 96 }, 4)
  const [result] = await detector.detect([{ stream: 'small', ring: small.ring, seq: small.put(new Uint8Array(128 * 96 * 1.5).fill(128)) }])
  assert.ok(result)
  assert.not(result.guess)
})

test('lost frames are null, closing waits, and two streams do not disturb each other', async () => {
  const detector = new HogDetector(ORDER)
  using small = writableRing({ width: 128, height: 96 }, 4)
  using wide = writableRing({ width: 426, height: 240 }, 4)
  const seqs = Array.from({ length: 5 }, () => small.put(new Uint8Array(128 * 96 * 1.5).fill(128)))
  const seq = wide.put(new Uint8Array(426 * 240 * 1.5).fill(128))
  const found = await detector.detect([
    { stream: 'small', ring: small.ring, seq: seqs[0] ?? 0 },
    { stream: 'small', ring: small.ring, seq: seqs[4] ?? 0 },
    { stream: 'wide', ring: wide.ring, seq },
  ])
  assert.is(found[0], null)
  assert.equal(
    found.slice(1).map((result) => result?.boxes),
    [[], []],
  )
  detector.forget('small')
  detector.forget('nobody knows')
  const underWay = detector.detect([{ stream: 'wide', ring: wide.ring, seq }])
  await detector[Symbol.asyncDispose]()
  assert.is((await underWay)[0]?.info.seq, seq)
})

test.run()
