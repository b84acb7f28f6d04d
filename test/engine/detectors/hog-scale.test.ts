import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evidenceOf, ScaleSearch } from '../../../agent/engine/detectors/hog-scale.ts'

const SD = { width: 768, height: 576 }

/** What a probe sees of people of this share of the picture's height: all of them from 90 pixels on, fewer when they get too large. */
function people(share: number, count = 3) {
  return (height: number) => {
    const pixels = share * height
    return pixels < 75 || pixels > 260 ? 0 : count * Math.min(1, (pixels - 75) / 25)
  }
}

const nobody = () => 0

/** Plays so many frames of a scene; returns how many pixels each frame's probes searched. */
function play(search: ScaleSearch, scene: (height: number) => number, frames: number, frame = SD): number[] {
  return Array.from({ length: frames }, () => {
    const heights = search.frame(scene(search.height) > 0 ? 1 : 0)
    for (const height of heights) search.learn({ height, evidence: scene(height) })
    return heights.reduce((sum, height) => sum + (height ** 2 * frame.width) / frame.height, 0)
  })
}

const test = suite('hog scale')

test('small people make a large search, large ones a small search', () => {
  for (const share of [0.12, 0.14, 0.25, 0.5, 0.9]) {
    const search = new ScaleSearch(SD)
    play(search, people(share), 10)
    const pixels = search.height * share
    assert.ok(search.known)
    assert.ok(pixels >= 85 && pixels <= 135, `people of ${share} are ${pixels} px tall at ${search.height}`)
  }
})

test('an empty room chooses nothing, and somebody who comes in later does', () => {
  const search = new ScaleSearch(SD)
  play(search, nobody, 5_000)
  assert.not(search.known)
  play(search, people(0.9, 1), 40)
  assert.ok(search.known)
  assert.ok(search.height <= 150, `${search.height}`)
})

test('is a guess until somebody was found at the right height, or one round has seen nobody at any', () => {
  for (const scene of [people(0.2), people(0.9), nobody])
    for (const frame of [SD, { width: 768, height: 432 }, { width: 1280, height: 720 }, { width: 320, height: 240 }]) {
      const search = new ScaleSearch(frame)
      assert.ok(search.guessing)
      let frames = 0
      while (search.guessing && frames < 100) {
        play(search, scene, 1, frame)
        frames++
      }
      assert.ok(frames <= 5, `${frames} frames of ${frame.width}x${frame.height}`)
      assert.is(search.known, scene !== nobody)
      play(search, nobody, 2_000, frame)
      assert.not(search.guessing, 'for good')
    }
})

test('says once a round has ended, and only then, whether it left a trace of somebody', () => {
  for (const evidence of [0, 0.05, 0.2, 3]) {
    const search = new ScaleSearch(SD)
    const outcomes = Array.from({ length: 3 }, () => search.frame(0).map((height) => search.learn({ height, evidence })))
    const all = outcomes.flat()
    assert.equal(new Set(all.slice(0, -1)), new Set([null]))
    assert.is(all.at(-1), evidence < 0.1 ? 'nobody' : 'somebody', `${evidence}`)
  }
})

test('somebody hardly seen keeps it a guess, but not for ever', () => {
  const search = new ScaleSearch(SD)
  play(search, (height) => (height === 585 ? 0.3 : 0), 9)
  assert.ok(search.guessing)
  play(search, (height) => (height === 585 ? 0.3 : 0), 21)
  assert.not(search.guessing)
})

test('a trace of somebody takes more than one round that shows none', () => {
  const search = new ScaleSearch(SD)
  play(search, (height) => (height === 585 ? 0.2 : 0), 3)
  play(search, nobody, 3)
  assert.ok(search.guessing)
  play(search, nobody, 3)
  assert.not(search.guessing)
})

test('a height that is chosen because of somebody, but finds nobody, is still a guess for a while', () => {
  const search = new ScaleSearch(SD)
  const probe = people(0.2)
  const look = (found: number) => {
    for (const height of search.frame(found)) search.learn({ height, evidence: probe(height) })
  }
  for (let frame = 0; frame < 20; frame++) look(0)
  assert.ok(search.known)
  assert.ok(search.guessing)
  look(1)
  assert.not(search.guessing)
})

test('probes that are always lost do not keep it a guess for ever', () => {
  const search = new ScaleSearch(SD)
  for (let frame = 1; frame < 30; frame++) {
    search.frame(0)
    assert.ok(search.guessing, `frame ${frame}`)
  }
  search.frame(0)
  assert.not(search.guessing)
})

test('a picture with a single height leaves nothing to guess', () => {
  assert.not(new ScaleSearch({ width: 2, height: 2 }).guessing)
})

test('in the first round, one person surely seen in a small search weighs more than a little more in a large one', () => {
  const search = new ScaleSearch(SD)
  play(search, (height) => (height <= 300 ? 1 : height >= 720 ? 1.58 : 0), 3)
  assert.ok(search.known)
  assert.is(search.height, 96)
})

test('a shadow chooses nothing', () => {
  const search = new ScaleSearch(SD)
  play(search, (height) => (height === 585 ? 0.3 : 0), 1)
  play(search, nobody, 2)
  assert.not(search.known)
})

test('a choice outlasts an empty night', () => {
  const search = new ScaleSearch(SD)
  play(search, people(0.14), 100)
  const chosen = search.height
  play(search, nobody, 100_000)
  assert.is(search.height, chosen)
})

test('a bad choice is left when people are somewhere else in the picture', () => {
  const search = new ScaleSearch(SD)
  play(search, people(0.8), 50)
  assert.ok(search.height < 200)
  // The camera was turned: at the old height nobody is found any more.
  play(search, people(0.14), 1_500)
  assert.ok(search.height >= 585, `${search.height}`)
})

test('a choice made on the posture of one person is left soon when others are seen better elsewhere', () => {
  const search = new ScaleSearch(SD)
  // Somebody who turned away: bits of the body look like people, and the detector is content with one of them.
  const posture = (height: number) => (height === 240 ? 1 : 0)
  const look = (scene: (height: number) => number, frames: number) => {
    for (let frame = 0; frame < frames; frame++) for (const height of search.frame(1)) search.learn({ height, evidence: scene(height) })
  }
  look(posture, 20)
  assert.is(search.height, 240)
  look(nobody, 100)
  look(people(0.2, 1), 350)
  assert.ok(search.height >= 375, `${search.height}`)
})

test('a choice is looked at again at once, then ever more rarely', () => {
  const search = new ScaleSearch(SD)
  const rounds: number[] = []
  for (let frame = 0; frame < 2_000; frame++) {
    const outcomes = search.frame(1).map((height) => search.learn({ height, evidence: people(0.2)(height) }))
    if (outcomes.includes('somebody')) rounds.push(frame)
  }
  const pauses = rounds.slice(1).map((frame, index) => frame - (rounds[index] ?? 0))
  assert.ok((pauses[0] ?? 0) < 20, pauses.join(' '))
  assert.equal(
    pauses,
    pauses.toSorted((a, b) => a - b),
  )
  assert.ok((pauses.at(-1) ?? 0) >= 300, pauses.join(' '))
})

test('one look at somebody near does not change a settled choice', () => {
  const search = new ScaleSearch(SD)
  play(search, people(0.2), 4_000)
  const chosen = search.height
  play(search, people(0.18, 2), 400)
  assert.is(search.height, chosen)
})

test('no frame is probed for more than a megapixel, and a settled stream is hardly probed at all', () => {
  const search = new ScaleSearch(SD)
  const learning = play(search, people(0.14), 50)
  assert.ok(Math.max(...learning) <= 1_000_000)
  const later = play(search, people(0.14), 3_000)
  assert.ok(later.reduce((sum, pixels) => sum + pixels, 0) / 3_000 < 15_000)
})

test('an empty room is not searched all day', () => {
  const search = new ScaleSearch(SD)
  play(search, nobody, 200)
  const later = play(search, nobody, 2_000)
  assert.ok(later.reduce((sum, pixels) => sum + pixels, 0) / 2_000 < 250_000)
})

test('a lost probe is asked for again', () => {
  const search = new ScaleSearch(SD)
  const first = search.frame(0)
  assert.equal(search.frame(0), first)
})

test('odd pictures have at least one height, and none is enlarged beyond use', () => {
  for (const frame of [
    { width: 64, height: 32 },
    { width: 4096, height: 64 },
    { width: 240, height: 4096 },
    { width: 2, height: 2 },
  ]) {
    const search = new ScaleSearch(frame)
    play(search, people(0.5), 20, frame)
    assert.ok(search.height >= 96)
  }
  const small = new ScaleSearch({ width: 160, height: 120 })
  play(small, people(0.1), 50, { width: 160, height: 120 })
  assert.ok(small.height <= 240)
})

test('what was learnt before is used at once, and stays open to doubt', () => {
  const search = new ScaleSearch(SD, 240)
  assert.ok(search.known && search.guessing)
  assert.equal(search.frame(2), [], 'detection goes before probes')
  assert.is(search.height, 240)
  assert.not.ok(search.guessing, 'somebody was found at the height that was learnt')
  const nonsense = new ScaleSearch(SD, 12_345)
  assert.not.ok(nonsense.known)
})

test('evidence weighs people by how sure they are', () => {
  assert.is(evidenceOf([]), 0)
  assert.is(evidenceOf([0.5, 0.8]), 0)
  assert.ok(Math.abs(evidenceOf([1.2, 5]) - 1.5) < 1e-9)
})

test.run()
