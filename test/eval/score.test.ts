import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scoreLine } from '../../agent/eval/crossing-score.ts'
import { scoreDetection } from '../../agent/eval/detection-score.ts'
import type { ComparedFrame } from '../../agent/eval/frames.ts'
import { countIdSwitches } from '../../agent/eval/id-switches.ts'
import { scorePublished } from '../../agent/eval/published-score.ts'
import { PERSON } from '../../agent/tracking/track.ts'
import { scoreBoxes, truthOf } from '../support/truth.ts'

const FRAME_MS = 100

const box = (x1: number) => ({ x1, y1: 0.2, x2: x1 + 0.1, y2: 0.6 })
const track = (x1: number, id = 1) => ({ ...box(x1), id, score: 0.9, classId: PERSON, confirmed: true, predicted: false })

interface Given {
  /** Where people really are, and where they were found. */
  readonly real?: readonly number[]
  readonly found?: readonly number[]
  readonly ids?: readonly number[] | null
  readonly tracks?: readonly number[]
  readonly count?: number | null
  readonly published?: number | null
  readonly ambiguous?: boolean
}

/** Frames of a clip with a frame each 100 ms. */
function framesOf(...given: readonly Given[]): ComparedFrame[] {
  return given.map(({ real = [], found = [], ids = real.map((_, index) => index), tracks = [], ambiguous = false, ...more }, frame) => {
    const ptsMs = frame * FRAME_MS
    const truth = { frame, ptsMs, count: real.length, boxes: real.map(box), ids, ambiguous }
    return { ptsMs, people: found.map((x1, index) => track(x1, tracks[index])), count: found.length, published: null, ...more, real: truth }
  })
}

/** The published count beside the true one, frame by frame: "1/0" is one published, nobody there; "?" is unknown, "~" in front ambiguous. */
function told(text: string): ComparedFrame[] {
  return framesOf(
    ...text.split(' ').map((word): Given => {
      const [published = '', real = ''] = word.replace('~', '').split('/')
      const places = Array.from({ length: Number(real) }, (_, index) => index / 10)
      return { published: published === '?' ? null : Number(published), real: places, ambiguous: word.startsWith('~') }
    }),
  )
}

const repeat = (word: string, count: number) => Array.from({ length: count }, () => word).join(' ')

const test = suite('scores')

test('the truth scores full marks against itself', () => {
  const truth = truthOf('vtest')
  if (truth === null) return
  const perfect = scoreBoxes(truth, new Map(truth.map(({ frame, boxes }) => [frame, boxes])))
  assert.equal(perfect, { frames: 795, precision: 1, recall: 1, countMae: 0, exact: 1 })
})

test('a person found twice is a false find, and a box half beside somebody is none', () => {
  const result = scoreDetection(framesOf({ real: [0.1, 0.5], found: [0.1, 0.11, 0.56] }))
  assert.equal(result, { scored: 1, unknown: 0, precision: 1 / 3, recall: 1 / 2, countMae: 1, exact: 0 })
})

test('who stands close to somebody else is matched with the nearer box', () => {
  const { precision, recall } = scoreDetection(framesOf({ real: [0.1, 0.13], found: [0.13, 0.1] }))
  assert.equal([precision, recall], [1, 1])
})

test('ambiguous frames are left out, and counts not known yet are not zero', () => {
  const frames = framesOf({ real: [0.1], found: [], count: null }, { real: [0.1], found: [0.1] }, { real: [0.1, 0.4], ambiguous: true })
  assert.equal(scoreDetection(frames), { scored: 2, unknown: 1, precision: 1, recall: 1 / 2, countMae: 0, exact: 1 })
})

test('where there is nothing to score there is no figure', () => {
  const empty = scoreDetection(framesOf({ count: null }))
  assert.equal(empty, { scored: 1, unknown: 1, precision: null, recall: null, countMae: null, exact: null })
  const { publishedMae, publishedDelayMs, publishedChangesPerMinute, trueChangesPerMinute } = scorePublished([], FRAME_MS)
  assert.equal([publishedMae, publishedDelayMs, publishedChangesPerMinute, trueChangesPerMinute], [null, null, null, null])
})

test('an id switches when somebody is followed under another one, also after a while of nobody', () => {
  const seen = (id: number | null): Given => ({ real: [0.1], found: id === null ? [] : [0.1], tracks: id === null ? [] : [id] })
  assert.is(countIdSwitches(framesOf(seen(1), seen(1), seen(null), seen(1))), 0)
  assert.is(countIdSwitches(framesOf(seen(1), seen(null), seen(2), seen(2), seen(1))), 2)
  assert.is(countIdSwitches(framesOf(seen(1), { ...seen(2), ambiguous: true }, seen(1))), 0)
  const swapped = framesOf({ real: [0.1, 0.5], found: [0.1, 0.5], tracks: [1, 2] }, { real: [0.1, 0.5], found: [0.1, 0.5], tracks: [2, 1] })
  assert.is(countIdSwitches(swapped), 2)
  assert.is(countIdSwitches(framesOf({ ...seen(1), ids: null }, seen(2))), null)
})

test('the delay of a change is the median of those told, counted from the first frame with the new count', () => {
  const one = scorePublished(told(`${repeat('0/0', 10)} ${repeat('0/1', 3)} ${repeat('1/1', 10)}`), FRAME_MS)
  assert.equal([one.publishedDelayMs, one.changesTold, one.lastingChanges], [300, 1, 1])
  const two = scorePublished(told(`${repeat('0/0', 10)} 0/1 ${repeat('1/1', 10)} ${repeat('1/0', 4)} ${repeat('0/0', 9)}`), FRAME_MS)
  assert.equal([two.publishedDelayMs, two.changesTold, two.lastingChanges], [250, 2, 2])
})

test('a change that is never told has no delay, and is told as such', () => {
  const { publishedDelayMs, changesTold, lastingChanges } = scorePublished(told(`${repeat('0/0', 10)} ${repeat('0/1', 20)}`), FRAME_MS)
  assert.equal([publishedDelayMs, changesTold, lastingChanges], [null, 0, 1])
  // Told only when it is over: that was another truth.
  const late = scorePublished(told(`${repeat('0/0', 10)} ${repeat('0/1', 10)} ${repeat('1/0', 10)}`), FRAME_MS)
  assert.equal([late.changesTold, late.lastingChanges], [0, 2])
})

test('what lasts less than a second need not be told, and does not hide the change around it', () => {
  const blink = scorePublished(told(`${repeat('0/0', 10)} ${repeat('0/1', 9)} ${repeat('0/0', 10)}`), FRAME_MS)
  assert.is(blink.lastingChanges, 0)
  const staircase = scorePublished(told(`${repeat('0/0', 10)} ${repeat('0/1', 4)} 0/2 ${repeat('2/2', 10)}`), FRAME_MS)
  assert.equal([staircase.lastingChanges, staircase.publishedDelayMs], [1, 100])
})

test('what is published in ambiguous frames is no error; a change among them counts from the first sure frame', () => {
  const frames = told(`${repeat('0/0', 10)} ~0/0 ~0/1 ~5/1 0/1 ${repeat('1/1', 10)}`)
  const { publishedMae, publishedDelayMs, trueChangesPerMinute } = scorePublished(frames, FRAME_MS)
  assert.is(publishedMae, 1 / 21)
  assert.is(publishedDelayMs, 100)
  assert.is(trueChangesPerMinute, 60_000 / (24 * FRAME_MS))
})

test('a count that flickers has more changes than the truth; unknown is no change of the count', () => {
  const minute = (text: string) => scorePublished(told(text), FRAME_MS)
  const flicker = minute('1/1 0/1 1/1 0/1 1/1 1/1')
  assert.equal([flicker.publishedChangesPerMinute, flicker.trueChangesPerMinute, flicker.publishedMae], [400, 0, 2 / 6])
  const unknown = minute('?/1 1/1 ?/1 1/1 ?/1 1/1')
  assert.equal([unknown.publishedChangesPerMinute, unknown.publishedMae], [0, 0])
})

const crossed = (direction: 'in' | 'out', ...times: number[]) => times.map((atMs) => ({ direction, atMs }))
const LINE = { in: 2, out: 1, events: [...crossed('in', 1_000, 5_000), ...crossed('out', 9_000)], toleranceMs: 1_000 }

test('a crossing near the true one in time and of its direction is that one; each is matched once', () => {
  const exact = scoreLine([...crossed('in', 1_900, 4_000), ...crossed('out', 9_000)], LINE)
  assert.equal(exact, { in: 2, out: 1, expectedIn: 2, expectedOut: 1, missed: 0, extra: 0 })
  const wrongWay = scoreLine([...crossed('out', 1_000), ...crossed('in', 5_000)], LINE)
  assert.equal([wrongWay.missed, wrongWay.extra], [2, 1])
  const twice = scoreLine(crossed('in', 900, 1_100, 5_000), LINE)
  assert.equal([twice.missed, twice.extra], [1, 1])
  const tooLate = scoreLine(crossed('in', 2_001), LINE)
  assert.equal([tooLate.missed, tooLate.extra], [3, 1])
})

test('two crossings close together take the two counted ones, in whatever way they pair', () => {
  const close = { in: 2, out: 0, events: crossed('in', 1_000, 1_600), toleranceMs: 1_000 }
  assert.equal(scoreLine(crossed('in', 1_500, 2_500), close), { in: 2, out: 0, expectedIn: 2, expectedOut: 0, missed: 0, extra: 0 })
})

test('with totals alone the totals are compared, without truth nothing is', () => {
  const totals = scoreLine(crossed('in', 1, 2, 3), { in: 2, out: 1, events: null, toleranceMs: 0 })
  assert.equal([totals.missed, totals.extra], [1, 1])
  const open = scoreLine(crossed('out', 1), null)
  assert.equal(open, { in: 0, out: 1, expectedIn: null, expectedOut: null, missed: null, extra: null })
})

test('a crossing whose direction nobody noted may be either', () => {
  const undirected = {
    in: 1,
    out: 1,
    events: [
      { direction: null, atMs: 1_000 },
      { direction: null, atMs: 2_000 },
    ],
    toleranceMs: 100,
  }
  const { missed, extra } = scoreLine([...crossed('out', 1_000), ...crossed('in', 2_050)], undirected)
  assert.equal([missed, extra], [0, 0])
})

test.run()
