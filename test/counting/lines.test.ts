import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Point } from '../../agent/counting/geometry.ts'
import type { Line } from '../../agent/counting/lines.ts'
import { BODY, person, Watched } from './scene-watched.ts'
import { forSeeds } from './seeds.ts'

/** Down the middle of the picture: from left to right is `in`. */
const MIDDLE: Line = { id: 'middle', from: [0.5, 0], to: [0.5, 1] }
/** Half as long: who walks at 0.8 passes below its lower end. */
const SHORT: Line = { id: 'short', from: [0.5, 0.3], to: [0.5, 0.7] }

/** The point so many body heights right of the middle. */
const at = (bodies: number, y = 0.6): Point => [0.5 + bodies * BODY.across, y]
const watching = (line = MIDDLE) => new Watched({ lines: [line] })
/** `in` and `out` of what happened. */
const counted = (watched: Watched) => [watched.count('line_in'), watched.count('line_out')]
const ways = (...bodies: number[]) => bodies.map((one) => at(one))

const test = suite('lines')

test('left to right over a line drawn downwards is in, back is out', () => {
  assert.equal(counted(watching().walk(1, ...ways(-1, -0.5, 0, 0.5, 1))), [1, 0])
  assert.equal(counted(watching().walk(1, ...ways(1, 0.5, 0, -0.5, -1))), [0, 1])
  const upwards = { id: 'up', from: MIDDLE.to, to: MIDDLE.from }
  assert.equal(counted(watching(upwards).walk(1, ...ways(-1, -0.5, 0, 0.5, 1))), [0, 1])
})

test('in is from the + to the − side of cross(to − from, foot − from), for a line in any direction', () => {
  forSeeds(200, (random) => {
    const angle = random() * 2 * Math.PI
    const [dx, dy] = [Math.cos(angle) * 0.5, Math.sin(angle) * 0.5]
    const line: Line = { id: 'any', from: [0.5 - dx, 0.6 - dy], to: [0.5 + dx, 0.6 + dy] }
    const watched = watching(line)
    const way = (random() - 0.5) * 1.5 + Math.PI / 2
    const [wx, wy] = [Math.cos(angle + way), Math.sin(angle + way)]
    // From the side to which the line turns right: in the picture, y down, that is cross > 0.
    for (let step = 8; step >= -8; step--) watched.look([person(1, [0.5 + wx * step * 0.06, 0.6 + wy * step * 0.06])])
    assert.equal(counted(watched), [1, 0])
  })
})

test('says who crossed which line and when', () => {
  const watched = watching().walk(7, ...ways(-1, -0.4, 0.1))
  const crossedMs = watched.atMs + 100
  watched.walk(7, ...ways(0.5, 0.9))
  assert.equal(watched.events, [{ type: 'line_in', line: 'middle', track: 7, atMs: crossedMs }])
})

test('trembling on the line is no traffic, and a passage counts once however much the box trembles', () => {
  assert.equal(counted(watching().walk(1, ...ways(-0.15, 0.15, -0.1, 0.1, -0.15, 0.15))), [0, 0])
  assert.equal(counted(watching().walk(1, ...ways(-1, -0.1, 0.1, -0.1, 0.15, -0.15, 0.1, 0.6, 1))), [1, 0])
})

test('who turns back on the line has not crossed it', () => {
  assert.equal(counted(watching().walk(1, ...ways(-1, -0.5, -0.1, 0.1, 0.15, -0.1, -0.5, -1))), [0, 0])
})

test('one look at a box in the wrong place is no crossing', () => {
  assert.equal(counted(watching().walk(1, ...ways(-1, -0.6, -0.5, 1, -0.5, -0.5, -0.6))), [0, 0])
})

test('who goes in and comes back out is both, and so is who does it again', () => {
  const there = [-1, -0.4, 0.4, 1.2]
  const watched = watching().walk(1, ...ways(...there, ...there.toReversed(), ...there))
  assert.equal(counted(watched), [2, 1])
})

test('who comes back a little is counted back once far enough, or there for five seconds', () => {
  const crossed = () => watching().walk(1, ...ways(-1, -0.5, 0.5, 0.6))
  const near = crossed()
  near.looks(40, [person(1, at(-0.35))])
  assert.equal(counted(near), [1, 0])
  near.looks(20, [person(1, at(-0.35))])
  assert.equal(counted(near), [1, 1])
  assert.equal(counted(crossed().walk(1, ...ways(0, -0.4, -0.6))), [1, 1])
})

test('who has left the line and comes back is counted as anybody is', () => {
  assert.equal(counted(watching().walk(1, ...ways(-1, -0.5, 0.5, 1.2, 0.5, -0.3, -0.35))), [1, 1])
})

test('who was first seen on the line has not crossed it yet', () => {
  assert.equal(counted(watching().walk(1, ...ways(0.05, -0.1, 0.1, 0.5, 1))), [0, 0])
})

test('who goes around an end of the line does not cross it', () => {
  const around = [at(-1, 0.5), at(-0.5, 0.6), at(-0.3, 0.8), at(0.3, 0.8), at(0.5, 0.6), at(1, 0.5), at(1.2, 0.5)]
  assert.equal(counted(watching(SHORT).walk(1, ...around)), [0, 0])
  const through = [at(0.5, 0.5), at(-0.5, 0.5), at(-1, 0.5)]
  assert.equal(counted(watching(SHORT).walk(1, ...around, ...through)), [0, 1], 'and is on the other side then')
})

test('who passes through, and back around the end without leaving the line, is not counted', () => {
  const way = [at(-1, 0.6), at(-0.1, 0.65), at(0.1, 0.68), at(0.1, 0.75), at(-0.1, 0.75), at(-0.5, 0.7), at(-1, 0.6)]
  assert.equal(counted(watching(SHORT).walk(1, ...way)), [0, 0])
})

test('unconfirmed tracks, other things than people, and expected boxes cross nothing', () => {
  const walks = [{ confirmed: false }, { classId: 16 }, { predicted: true }]
  for (const more of walks) {
    const watched = watching()
    for (const foot of ways(-1, -0.5, 0.5, 1, 1.5)) watched.look([person(1, foot, more)])
    watched.tell('end')
    assert.equal(counted(watched), [0, 0])
  }
  const expected = watching().walk(1, ...ways(-1, -0.5))
  for (const foot of ways(0, 0.5, 1)) expected.look([person(1, foot, { predicted: true })])
  for (let look = 0; look < 80; look++) expected.look([])
  assert.equal(counted(expected), [0, 0], 'the motion model alone proves nothing')
})

test('a whole report of expected boxes is no look', () => {
  const watched = watching().walk(1, ...ways(-1, -0.5))
  for (const foot of ways(0.5, 1, 1.5)) watched.look([person(1, foot)], { predicted: true })
  assert.equal(counted(watched), [0, 0])
})

test('what a track did before it was confirmed counts once it is', () => {
  const watched = watching()
  for (const foot of ways(-0.6, -0.1)) watched.look([person(1, foot, { confirmed: false })])
  assert.equal(counted(watched), [0, 0])
  watched.walk(1, ...ways(0.4, 0.9))
  assert.equal(counted(watched), [1, 0])
})

test('who is not found while passing the line has crossed it all the same', () => {
  const watched = watching().walk(1, ...ways(-1, -0.5))
  for (const foot of ways(-0.2, 0, 0.2)) watched.look([person(1, foot, { predicted: true })])
  for (let look = 0; look < 10; look++) watched.look([])
  assert.equal(counted(watched.walk(1, ...ways(0.8, 1))), [1, 0])
})

test('who is lost on the line and comes back as another track is counted once', () => {
  const watched = watching().walk(1, ...ways(-1, -0.5, -0.1))
  for (let look = 0; look < 8; look++) watched.look([])
  assert.equal(counted(watched.walk(2, ...ways(0.3, 0.8, 1))), [1, 0])
})

test('who was counted, is lost on the line and comes back as another track is not counted again', () => {
  const watched = watching().walk(1, ...ways(-1, -0.5, 0.3, 0.4))
  assert.equal(counted(watched), [1, 0])
  for (let look = 0; look < 8; look++) watched.look([])
  assert.equal(counted(watched.walk(2, ...ways(-0.1, -0.3, 0.3, 0.5, 1))), [1, 0])
})

test('a track that comes later, or elsewhere, or of another size is somebody else', () => {
  const lost = () => watching().walk(1, ...ways(-1, -0.5, -0.3))
  const late = lost()
  for (let look = 0; look < 25; look++) late.look([])
  assert.equal(counted(late.walk(2, ...ways(0.3, 0.8, 1))), [0, 0])
  const far = lost()
  for (let look = 0; look < 3; look++) far.look([])
  assert.equal(counted(far.walk(2, ...ways(1.2, 1.4, 1.6))), [0, 0])
  const child = lost()
  for (let look = 0; look < 3; look++) child.look([])
  for (const [x, y] of ways(0.2, 0.6, 1)) child.look([person(2, [x, y], { y1: y - BODY.down / 2 })])
  assert.equal(counted(child), [0, 0])
})

test('who was seen together with somebody new is not continued by them', () => {
  const watched = watching().walk(1, ...ways(-1, -0.5))
  watched.look([person(1, at(-0.22)), person(2, at(0.05), { confirmed: false })])
  watched.look([person(1, at(-0.22)), person(2, at(0.05), { confirmed: false })])
  assert.equal(counted(watched.walk(2, ...ways(0.4, 0.7, 1))), [0, 0])
})

test('two people who are seen together are two', () => {
  const watched = watching()
  for (const step of [-1, -0.5, 0.5, 1]) watched.look([person(1, at(step, 0.6)), person(2, at(step - 0.2, 0.65))])
  assert.equal(counted(watched), [2, 0])
  for (const step of [-1, -0.5, 0.5, 1]) watched.look([person(3, at(step, 0.6)), person(4, at(-step, 0.65))])
  assert.equal(counted(watched), [3, 1])
})

test('who walks out of the picture right behind the line has crossed it, at the time of the last look', () => {
  const watched = watching().walk(1, ...ways(-1, -0.5, 0.1))
  const seenMs = watched.atMs
  watched.looks(25, [])
  assert.equal(counted(watched), [0, 0])
  watched.looks(6, [])
  assert.equal(counted(watched), [1, 0])
  watched.looks(60, [])
  assert.equal(watched.events[0], { type: 'line_in', line: 'middle', track: 1, atMs: seenMs })
  assert.equal(counted(watched), [1, 0])
  const file = watching().walk(1, ...ways(-1, -0.5, 0.1))
  file.look([])
  file.tell('end')
  file.tell('end')
  assert.equal(counted(file), [1, 0])
})

test('who sways on the line for five minutes, is lost and comes back, also as another track, is counted at most once', () => {
  forSeeds(24, (random) => {
    const reach = 0.05 + random() * 0.35
    const fps = [3, 5, 10, 30][Math.floor(random() * 4)] ?? 10
    const watched = watching()
    let [id, place, turnedMs] = [1, 0, watched.atMs]
    for (let look = 0; look < 300 * fps; look++) {
      if (random() < 0.02) {
        // Away for up to a second and a half, then often under another id, which takes three looks to be confirmed.
        for (let away = Math.floor(random() * 1.5 * fps); away > 0; away--) watched.look([], { afterMs: 1_000 / fps })
        if (random() < 0.5) {
          id++
          for (let begun = 0; begun < 2; begun++) watched.look([person(id, at(0), { confirmed: false })], { afterMs: 1_000 / fps })
        }
      }
      const before = place
      place = (random() * 2 - 1) * reach
      // Who stays on the other side for five seconds has gone there.
      if (before < 0 === place < 0 && watched.atMs - turnedMs > 2_000) place = -place
      if (before < 0 !== place < 0) turnedMs = watched.atMs
      watched.look([person(id, at(place))], { afterMs: 1_000 / fps })
    }
    watched.tell('end')
    const [into = 0, out = 0] = counted(watched)
    assert.ok(into + out <= 1, `${into} in, ${out} out, swaying by ${reach}`)
  })
})

interface Walk {
  readonly watched: Watched
  /** How often the true way led over the line. */
  readonly real: number
  /** Sides at the start and at the end: −1 left, 1 right. */
  readonly from: number
  readonly to: number
}

/** A random walk from clearly one side to clearly a side, seen trembling, with gaps, expected boxes and other ids in between. */
function randomWalk(random: () => number): Walk {
  const fps = 4 + random() * 26
  const afterMs = 1_000 / fps
  const watched = watching()
  const from = random() < 0.5 ? -1 : 1
  const to = random() < 0.5 ? -1 : 1
  let [place, speed, real, id, unseen, begun, steady] = [from * 1.5, 0, 0, 1, 0, 2, 0]
  const looks = Math.floor(60 * fps)
  for (let look = 0; look < looks + 20 * fps; look++) {
    const goal = look < looks ? 0 : to * 2
    speed = Math.max(-0.5, Math.min(0.5, speed + (random() - 0.5) * 0.3 + (goal - place) * 0.02))
    const before = place
    place = look < looks ? place + speed / fps : place + Math.max(-0.5, Math.min(0.5, goal - place)) / fps
    if (before < 0 !== place < 0) real++
    const foot = at(place + (random() - 0.5) * 0.3)
    if (unseen === 0 && steady > 4 && look < looks && random() < 0.3 / fps) unseen = Math.ceil(random() * 1.4 * fps)
    if (unseen > 0) {
      unseen--
      steady = 0
      // The motion model walks on for a few looks, wherever it likes.
      watched.look(random() < 0.3 && begun >= 2 ? [person(id, at(place + (random() - 0.5)), { predicted: true })] : [], { afterMs })
      if (unseen === 0 && random() < 0.5) [id, begun] = [id + 1, 0]
    } else {
      steady++
      watched.look([person(id, foot, { confirmed: begun++ >= 2 })], { afterMs })
    }
  }
  watched.tell('end')
  return { watched, real, from, to }
}

test('random walks with gaps, trembling and other ids: in − out is the change of side, and no more is counted than was walked', () => {
  let crossed = 0
  forSeeds(80, (random) => {
    const { watched, real, from, to } = randomWalk(random)
    const [into = 0, out = 0] = counted(watched)
    assert.is(into - out, (to - from) / 2, `${into} in, ${out} out from ${from} to ${to}`)
    assert.ok(into + out <= real, `${into + out} of ${real}`)
    crossed += into + out
  })
  assert.ok(crossed > 80, `${crossed} crossings: the walks are no proof otherwise`)
})

test('random walks beyond the ends of a line cross nothing', () => {
  forSeeds(50, (random) => {
    const watched = watching(SHORT)
    const isBelow = random() < 0.5
    let place = -1
    for (let look = 0; look < 400; look++) {
      place = Math.max(-2, Math.min(2, place + (random() - 0.5)))
      watched.look([person(1, at(place, isBelow ? 0.71 + random() * 0.2 : 0.1 + random() * 0.19))])
    }
    watched.tell('end')
    assert.equal(counted(watched), [0, 0])
  })
})

test('a line in a street where people come and go for ever stays small', () => {
  const watched = watching()
  for (let id = 1; id < 1_000; id++) watched.walk(id, ...ways(-1, -0.4, 0.4, 1))
  assert.equal(counted(watched), [999, 0])
  assert.ok((watched.state.lines[0]?.standings.size ?? 0) < 100)
  assert.ok(watched.state.people.persons.length < 100)
})

test.run()
