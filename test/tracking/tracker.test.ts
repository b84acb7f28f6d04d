import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { peopleIn } from '../../agent/counting/person-count.ts'
import type { DetectedBox, Track } from '../../agent/tracking/track.ts'
import { Tracker } from '../../agent/tracking/tracker.ts'
import { randomFrom } from './random.ts'

const settings = { scoreThreshold: 0.3, confirmFrames: 3, buffer: 30 }

/** Somebody of a usual shape, middle of the body at (x, y). */
function person(x: number, y = 0.5, score = 0.9): DetectedBox {
  return { x1: x - 0.03, y1: y - 0.15, x2: x + 0.03, y2: y + 0.15, score, classId: 0 }
}

/** Feeds one list of boxes a frame, `stepMs` apart, and returns the tracks of every frame. */
function feed(tracker: Tracker, frames: readonly (readonly DetectedBox[])[], stepMs = 100, fromMs = 1_000): Track[][] {
  return frames.map((boxes, index) => tracker.step(boxes, fromMs + index * stepMs))
}

const frames = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))
const confirmedIds = (tracks: readonly Track[] | undefined) => peopleIn(tracks ?? []).map(({ id }) => id)

const test = suite('tracker')

/** A tracker that knows its picture: an empty one. */
function awake(): Tracker {
  const tracker = new Tracker(settings)
  feed(tracker, [[], [], []], 100, 0)
  return tracker
}

test('confirms somebody at the third look, not before', () => {
  const seen = feed(
    awake(),
    frames(4, () => [person(0.5)]),
  )
  assert.equal(
    seen.map((tracks) => confirmedIds(tracks).length),
    [0, 0, 1, 1],
  )
})

test('head and chest that are found beside the whole body for a moment are not somebody else, but a child in front is', () => {
  const tracker = awake()
  const half = { x1: 0.48, y1: 0.34, x2: 0.54, y2: 0.54, score: 0.9, classId: 0 }
  let nowMs = 1_000
  const counts = (boxes: readonly DetectedBox[], looks: number) =>
    frames(looks, () => {
      nowMs += 100
      return confirmedIds(tracker.step(boxes, nowMs)).length
    })
  counts([person(0.5)], 5)
  assert.equal(counts([person(0.5), half], 5), [1, 1, 1, 1, 1])
  assert.equal(counts([person(0.5), half], 2), [2, 2])
})

test('in a new picture whoever is surely seen counts at once, and one miss does not make it empty', () => {
  const tracker = new Tracker(settings)
  assert.equal(confirmedIds(tracker.step([person(0.2)], 1_000)), [1])
  assert.equal(confirmedIds(tracker.step([person(0.7)], 1_100)), [1, 2], 'the one missed is bridged')
  assert.equal(confirmedIds(tracker.step([person(0.7), person(0.4)], 1_200)), [2], 'for no longer than it was seen')
  tracker.reset()
  assert.equal(confirmedIds(tracker.step([person(0.2)], 1_300)), [4])
  feed(
    tracker,
    frames(5, () => []),
    100,
    1_400,
  )
  assert.equal(confirmedIds(tracker.step([person(0.2)], 60_000)), [5], 'after a gap the picture is new, too')
})

test('keeps the ids of two walkers who cross', () => {
  for (const stepMs of [33, 100, 250]) {
    const speed = (0.12 * stepMs) / 1_000
    const count = Math.floor(0.6 / speed)
    const walk = frames(count, (index) => [person(0.2 + speed * index, 0.5), person(0.8 - speed * index, 0.53)])
    const seen = feed(new Tracker(settings), walk, stepMs)
    assert.equal(confirmedIds(seen.at(-1)), [1, 2], `${stepMs} ms`)
    const [first, second] = seen.at(-1) ?? []
    assert.ok((first?.x1 ?? 0) > (second?.x1 ?? 1), `they have changed sides at ${stepMs} ms`)
  }
})

test('one missed look changes nothing: same id, box moved on, marked as predicted', () => {
  const seen = feed(
    new Tracker(settings),
    frames(12, (index) => (index === 8 ? [] : [person(0.2 + 0.02 * index)])),
  )
  assert.equal(
    seen.slice(2).map((tracks) => confirmedIds(tracks)),
    frames(10, () => [1]),
  )
  const bridged = seen[8]?.[0]
  assert.is(bridged?.predicted, true)
  assert.ok(Math.abs((bridged?.x1 ?? 0) - (0.2 + 0.02 * 8 - 0.03)) < 0.01)
  assert.is(seen[9]?.[0]?.predicted, false)
})

test('gives somebody back the same id after two seconds behind a pillar', () => {
  const walk = frames(50, (index) => (index >= 15 && index < 35 ? [] : [person(0.1 + 0.012 * index)]))
  const seen = feed(new Tracker(settings), walk)
  assert.equal(confirmedIds(seen[30]), [], 'not counted while unseen')
  assert.equal(confirmedIds(seen.at(-1)), [1])
})

test('trembling boxes stay one track and come out calmer than they went in', () => {
  const random = randomFrom(4)
  const boxes = frames(200, () => [person(0.5 + (random() - 0.5) * 0.01, 0.5 + (random() - 0.5) * 0.02)])
  const seen = feed(new Tracker(settings), boxes)
  assert.equal(confirmedIds(seen.at(-1)), [1])
  const restless = (x: readonly number[]) => x.slice(1).reduce((sum, value, index) => sum + Math.abs(value - (x[index] ?? value)), 0)
  assert.ok(restless(seen.slice(20).map(([track]) => track?.x1 ?? 0)) < restless(boxes.slice(20).map(([box]) => box?.x1 ?? 0)))
})

test('bursts of false boxes all over the picture confirm nobody', () => {
  const random = randomFrom(5)
  const tracker = awake()
  let confirmed = 0
  for (let frame = 10; frame < 300; frame++) {
    const burst = frame % 5 < 2 ? frames(6, () => person(random(), random(), 0.6 + random() * 0.4)) : []
    confirmed += peopleIn(tracker.step(burst, frame * 100)).length
  }
  assert.is(confirmed, 0)
})

test('what shows up every other look is never confirmed', () => {
  const seen = feed(
    awake(),
    frames(60, (index) => (index % 2 === 0 ? [person(0.4)] : [])),
  )
  assert.is(seen.flatMap((tracks) => confirmedIds(tracks)).length, 0)
})

test('unsure boxes start nobody, but keep somebody in view', () => {
  assert.equal(
    feed(
      new Tracker(settings),
      frames(10, () => [person(0.5, 0.5, 0.4)]),
    ).flat(),
    [],
  )
  const seen = feed(
    new Tracker(settings),
    frames(30, (index) => [person(0.5, 0.5, index < 5 || index % 4 === 0 ? 0.9 : 0.4)]),
  )
  assert.equal(
    seen.at(-1)?.map(({ id, predicted }) => ({ id, predicted })),
    [{ id: 1, predicted: false }],
  )
})

test('does not go on for ever on unsure boxes alone', () => {
  const seen = feed(
    new Tracker(settings),
    frames(30, (index) => [person(0.5, 0.5, index < 5 ? 0.9 : 0.4)]),
  )
  assert.equal(seen.at(-1), [])
})

test('counts nobody who has walked out of the picture', () => {
  const seen = feed(
    new Tracker(settings),
    frames(14, (index) => (index < 10 ? [person(0.7 + 0.03 * index)] : [])),
  )
  assert.equal(confirmedIds(seen[9]), [1])
  assert.equal(confirmedIds(seen[12]), [])
})

test('follows a walker over uneven gaps between looks', () => {
  const random = randomFrom(6)
  for (const slowestMs of [150, 400, 700]) {
    const tracker = new Tracker(settings)
    let tracks: Track[] = []
    // One body height a second across a picture of 4:3: a brisk walk.
    for (let timeMs = 0; timeMs < 6_000; timeMs += 30 + random() * slowestMs)
      tracks = tracker.step([person(0.05 + (0.13 * timeMs) / 1_000)], timeMs)
    assert.equal(confirmedIds(tracks), [1], `gaps up to ${slowestMs} ms`)
  }
})

test('does not care in which order a detector lists its boxes', () => {
  const random = randomFrom(7)
  const sorted = new Tracker(settings)
  const shuffled = new Tracker(settings)
  for (let frame = 0; frame < 80; frame++) {
    const boxes = frames(8, (index) => person(0.1 + index * 0.1 + random() * 0.05, 0.5 + random() * 0.05, 0.3 + random() * 0.7))
    const other = boxes
      .map((box) => ({ box, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ box }) => box)
    assert.equal(shuffled.step(other, frame * 100), sorted.step(boxes, frame * 100))
  }
})

test('keeps classes apart', () => {
  const dog = { ...person(0.5), classId: 16 }
  const seen = feed(
    new Tracker(settings),
    frames(8, (index) => [index < 4 ? person(0.5) : dog]),
  )
  const last = seen.at(-1) ?? []
  assert.equal(
    last.map(({ id, classId }) => ({ id, classId })).sort((a, b) => a.id - b.id),
    [
      { id: 1, classId: 0 },
      { id: 2, classId: 16 },
    ].filter(({ id }) => last.some((track) => track.id === id)),
  )
  assert.ok(last.some(({ id, classId }) => id === 2 && classId === 16))
})

test('never gives an id twice, not even after a reset', () => {
  const tracker = new Tracker(settings)
  const first = feed(
    tracker,
    frames(5, () => [person(0.3), person(0.7)]),
  )
  tracker.reset()
  assert.equal(tracker.predict(1_500), [])
  const second = feed(
    tracker,
    frames(5, () => [person(0.3), person(0.7)]),
    100,
    2_000,
  )
  assert.equal(confirmedIds(first.at(-1)), [1, 2])
  assert.equal(confirmedIds(second.at(-1)), [3, 4])
})

test('predicts where somebody is now, and a prediction changes nothing', () => {
  const tracker = new Tracker(settings)
  const walk = frames(15, (index) => [person(0.2 + 0.02 * index)])
  feed(tracker, walk)
  const other = new Tracker(settings)
  feed(other, walk)
  const ahead = tracker.predict(2_400 + 200)[0]
  assert.is(ahead?.predicted, true)
  assert.ok(Math.abs((ahead?.x1 ?? 0) - (0.2 + 0.02 * 16 - 0.03)) < 0.01)
  for (let look = 0; look < 100; look++) tracker.predict(2_400 + look * 10)
  assert.equal(tracker.predict(2_400 + 4_000), [], 'nothing is known of four seconds later')
  assert.equal(tracker.step([person(0.5)], 2_500), other.step([person(0.5)], 2_500))
})

test('lives with a clock that stands still, runs backwards, jumps or is none', () => {
  const tracker = new Tracker(settings)
  for (const timeMs of [1_000, 1_000, 500, 1e12, 0, NaN, 1_100, 1_200, 1_300, 1_400]) {
    for (const { x1, x2 } of tracker.step([person(0.5)], timeMs)) assert.ok(x1 >= 0 && x2 <= 1 && x1 < x2)
  }
  assert.is(confirmedIds(tracker.predict(1_400)).length, 1)
})

test('takes garbage for nothing and stays well', () => {
  const tracker = new Tracker(settings)
  const random = randomFrom(8)
  const odd = () => [NaN, Infinity, -1, 0, 0.5, 2, random(), random(), random()][Math.floor(random() * 9)] ?? 0
  for (let frame = 0; frame < 2_000; frame++) {
    const boxes = frames(5, () => ({ x1: odd(), y1: odd(), x2: odd(), y2: odd(), score: odd(), classId: Math.floor(odd()) }))
    for (const track of tracker.step(boxes, frame * 50)) {
      assert.ok(
        [track.x1, track.y1, track.x2, track.y2].every((value) => value >= 0 && value <= 1),
        JSON.stringify(track),
      )
    }
  }
})

test('two boxes of one person make one track', () => {
  const twice = frames(6, () => [person(0.5), { ...person(0.503), score: 0.7 }])
  const lone = feed(new Tracker(settings), [[person(0.5)], ...twice])
  assert.equal(confirmedIds(lone.at(-1)), [1])
})

test('stays bounded and quick with more boxes than it follows', () => {
  const random = randomFrom(9)
  const tracker = new Tracker(settings)
  const startedMs = performance.now()
  for (let frame = 0; frame < 50; frame++) {
    const crowd = frames(300, () => person(random(), random(), 0.6 + random() * 0.4))
    assert.ok(tracker.step(crowd, frame * 100).length <= 128)
  }
  // About 10 ms a frame here; the limit only catches a method that explodes.
  assert.ok(performance.now() - startedMs < 20_000)
})

test.run()
