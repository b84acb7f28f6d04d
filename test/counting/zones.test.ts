import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Point } from '../../agent/counting/geometry.ts'
import type { SceneEvent } from '../../agent/counting/scene.ts'
import type { Zone } from '../../agent/counting/zones.ts'
import { dwellFigures, noDwells, stepDwells } from '../../agent/counting/zones-dwell.ts'
import { randomFrom } from '../tracking/random.ts'
import { BODY, person, Watched } from './scene-watched.ts'
import { forSeeds } from './seeds.ts'

/** The right half of the picture. */
const RIGHT: Zone = {
  id: 'right',
  polygon: [
    [0.5, 0],
    [1, 0],
    [1, 1],
    [0.5, 1],
  ],
}
const LEFT: Zone = {
  id: 'left',
  polygon: [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ],
}

/** The point so many body heights inside the right half. */
const at = (bodies: number, y = 0.6): Point => [0.5 + bodies * BODY.across, y]
const watching = (...zones: Zone[]) => new Watched({ zones: zones.length > 0 ? zones : [RIGHT] })
const inRight = (watched: Watched) => watched.view.zones['right']?.count
const leaves = (events: readonly SceneEvent[]) => events.filter((event) => event.type === 'zone_leave')

const test = suite('zones')

test('who walks in enters, who walks out leaves, and has stayed in between', () => {
  const watched = watching().walk(1, at(-1), at(-0.5), at(0.3))
  const enteredMs = watched.atMs
  watched.walk(1, at(0.5), at(0.8), at(0.8), at(0.5), at(-0.4))
  const leftMs = watched.atMs
  watched.walk(1, at(-0.6), at(-1))
  assert.equal(watched.events, [
    { type: 'zone_enter', zone: 'right', track: 1, atMs: enteredMs },
    { type: 'zone_leave', zone: 'right', track: 1, atMs: leftMs, dwellMs: leftMs - enteredMs },
  ])
})

test('who is there at the first look is in the zone, feet cut off at the edge of the picture too', () => {
  const watched = watching()
  watched.looks(3, [person(1, at(1, 1)), person(2, at(-1, 1)), person(3, [1, 1])])
  assert.is(inRight(watched), 2)
  assert.is(watched.count('zone_enter'), 2)
})

test('zones count for themselves, and overlap as they like', () => {
  const watched = watching(RIGHT, LEFT, {
    id: 'all',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ],
  })
  watched.looks(3, [person(1, at(1)), person(2, at(-1)), person(3, at(-1.5))])
  const { zones } = watched.view
  assert.equal([zones['right']?.count, zones['left']?.count, zones['all']?.count], [1, 2, 3])
})

test('trembling on the border is neither coming nor going', () => {
  const watched = watching().walk(1, at(-1))
  for (let look = 0; look < 300; look++) watched.look([person(1, at(look % 2 === 0 ? 0.09 : -0.09))])
  assert.is(watched.count('zone_enter'), 0)
  const inside = watching().walk(1, at(1))
  for (let look = 0; look < 300; look++) inside.look([person(1, at(look % 3 === 0 ? 0.09 : -0.09))])
  assert.equal([inside.count('zone_enter'), inside.count('zone_leave')], [1, 0])
})

test('one look at a box in the wrong place is neither', () => {
  const watched = watching().walk(1, at(-1), at(-1), at(1), at(-1), at(-1))
  assert.is(watched.count('zone_enter'), 0)
})

test('who stands just inside is in the zone after a moment', () => {
  const watched = watching().walk(1, at(-1))
  watched.looks(8, [person(1, at(0.05))])
  assert.is(watched.count('zone_enter'), 0)
  watched.looks(4, [person(1, at(0.05))])
  assert.is(watched.count('zone_enter'), 1)
})

test('a zone smaller than a foot step works too', () => {
  const mat: Zone = {
    id: 'mat',
    polygon: [
      [0.49, 0.59],
      [0.51, 0.59],
      [0.51, 0.61],
      [0.49, 0.61],
    ],
  }
  const watched = watching(mat).walk(1, at(-1))
  watched.looks(16, [person(1, at(0))])
  assert.is(watched.view.zones['mat']?.count, 1)
})

test('who is lost for a moment and found as another track has not left', () => {
  const watched = watching()
  watched.looks(20, [person(1, at(1))])
  watched.looks(10, [])
  watched.looks(20, [person(2, at(1.1))])
  assert.equal([watched.count('zone_enter'), watched.count('zone_leave')], [1, 0])
  assert.is(inRight(watched), 1)
})

test('who is gone left when seen last, and counts no more long before that is said', () => {
  const watched = watching()
  watched.looks(21, [person(1, at(1))])
  const leftMs = watched.atMs
  watched.looks(5, [])
  assert.is(inRight(watched), 0)
  watched.looks(60, [])
  assert.equal(leaves(watched.events), [{ type: 'zone_leave', zone: 'right', track: 1, atMs: leftMs, dwellMs: 2_000 }])
})

test('one missed look does not change the count of a zone', () => {
  const watched = watching()
  watched.looks(5, [person(1, at(1))])
  watched.look([])
  assert.is(inRight(watched), 1)
  watched.look([person(1, at(1))])
  assert.is(inRight(watched), 1)
})

test('tells mean and 90th percentile of the stays', () => {
  const watched = watching()
  for (let id = 1; id <= 10; id++) {
    watched.walk(id, at(-1), at(-1))
    watched.looks(10 * id, [person(id, at(1))])
    watched.walk(id, at(-1), at(-1))
    watched.looks(80, [])
  }
  const { stays, dwellMeanMs, dwellP90Ms } = watched.view.zones['right'] ?? {}
  assert.is(stays, 10)
  assert.ok(Math.abs((dwellMeanMs ?? 0) - 5_500) < 1, `${dwellMeanMs}`)
  assert.ok(Math.abs((dwellP90Ms ?? 0) - 9_000) < 1, `${dwellP90Ms}`)
})

test('dwell figures are those of the last 256 stays, and there are none at first', () => {
  assert.equal(dwellFigures(noDwells), { count: 0, meanMs: null, p90Ms: null })
  const random = randomFrom(81)
  const all = Array.from({ length: 2_000 }, () => random() * 60_000)
  const dwells = all.reduce(stepDwells, noDwells)
  const last = all.slice(-256).sort((a, b) => a - b)
  const { count, meanMs, p90Ms } = dwellFigures(dwells)
  assert.is(count, 2_000)
  assert.ok(Math.abs((meanMs ?? 0) - last.reduce((sum, one) => sum + one, 0) / 256) < 1e-6)
  assert.is(last.filter((one) => one <= (p90Ms ?? 0)).length, Math.ceil(0.9 * 256))
  assert.is(dwells.latestMs.length, 256)
})

test('random walks: entering and leaving take turns, and the stays add up to the time inside', () => {
  forSeeds(60, (random) => {
    const watched = watching()
    const afterMs = 1_000 / (2 + random() * 28)
    let [place, speed, insideMs] = [-1, 0, 0]
    for (let look = 0; look < 1_500; look++) {
      speed = Math.max(-0.8, Math.min(0.8, speed + (random() - 0.5) * 0.2 - place * 0.01))
      place = Math.max(-2.3, Math.min(2.3, place + (speed * afterMs) / 1_000))
      if (place >= 0) insideMs += afterMs
      // A few looks miss, and boxes tremble.
      watched.look(random() < 0.1 ? [] : [person(1, at(place + (random() - 0.5) * 0.1))], { afterMs })
    }
    for (let look = 0; look < 20; look++) watched.look([person(1, at(-2))], { afterMs })
    const kinds = watched.events.filter((event) => event.type.startsWith('zone')).map(({ type }) => type)
    for (const [index, kind] of kinds.entries()) assert.is(kind, index % 2 === 0 ? 'zone_enter' : 'zone_leave')
    assert.is(kinds.length % 2, 0)
    const stayedMs = watched.events.reduce((sum, event) => sum + (event.type === 'zone_leave' ? (event.dwellMs ?? 0) : 0), 0)
    assert.ok(Math.abs(stayedMs - insideMs) < 1_500 * kinds.length + 3_000, `${stayedMs} of ${insideMs} ms`)
  })
})

test.run()
