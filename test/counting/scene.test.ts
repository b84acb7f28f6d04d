import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Point } from '../../agent/counting/geometry.ts'
import type { SceneEvent } from '../../agent/counting/scene.ts'
import { Tracker } from '../../agent/tracking/tracker.ts'
import { randomFrom } from '../tracking/random.ts'
import { BODY, person, Watched } from './scene-watched.ts'
import { forSeeds } from './seeds.ts'

const at = (bodies: number, y = 0.6): Point => [0.5 + bodies * BODY.across, y]
const MIDDLE = { id: 'middle', from: [0.5, 0], to: [0.5, 1] } as const
const RIGHT = {
  id: 'right',
  polygon: [
    [0.5, 0],
    [1, 0],
    [1, 1],
    [0.5, 1],
  ],
} as const
const OCCUPANCY = { onAfterMs: 200, offAfterMs: 5_000, minPersons: 1 }

const watching = () => new Watched({ lines: [MIDDLE], zones: [RIGHT] })
const crossings = (watched: Watched) => watched.count('line_in') + watched.count('line_out')
const kinds = (events: readonly SceneEvent[]) => events.map(({ type }) => type)

const test = suite('scene')

test('knows nothing at first, no number after one look, and one after two', () => {
  const watched = watching()
  assert.equal(watched.view, { count: null, occupied: null, zones: {}, uniquesInHour: 0 })
  watched.look([person(1, at(1))])
  assert.equal([watched.view.count, watched.view.occupied, watched.view.zones['right']?.count], [null, null, null])
  watched.look([person(1, at(1))])
  assert.equal([watched.view.count, watched.view.occupied, watched.view.zones['right']?.count], [1, true, 1])
})

test('unknown takes every number back at once, and two looks give them again', () => {
  const watched = watching()
  watched.looks(5, [person(1, at(1))])
  watched.tell('unknown')
  assert.equal([watched.view.count, watched.view.occupied, watched.view.zones['right']?.count], [null, null, null])
  watched.look([])
  assert.is(watched.view.count, null)
  watched.look([])
  assert.equal([watched.view.count, watched.view.zones['right']?.count], [0, 0])
})

test('guesses of the detector are not knowing, and who they find or miss comes and goes nowhere', () => {
  const watched = watching()
  watched.looks(5, [person(1, at(1))])
  watched.look([person(1, at(-1)), person(2, at(-1))], { tentative: true })
  watched.look([person(1, at(-1)), person(2, at(-1))], { tentative: true })
  assert.is(watched.view.count, null)
  watched.looks(5, [person(1, at(1))])
  assert.equal(kinds(watched.events), ['zone_enter'])
})

test('a report of expected boxes changes nothing at all', () => {
  const watched = watching()
  watched.looks(5, [person(1, at(1))])
  const before = watched.state
  watched.look([], { predicted: true })
  assert.is(watched.state, before)
})

test('another engine or another picture continues nobody: no crossing, no leaving, no entering of those who left', () => {
  for (const change of ['epoch', 'generation'] as const) {
    const watched = watching().walk(1, at(-1), at(-0.5), at(-0.3))
    watched[change]++
    watched.walk(1, at(0.3), at(0.6), at(1))
    assert.is(crossings(watched), 0, change)
    watched[change]++
    watched.looks(100, [])
    assert.equal(kinds(watched.events), ['zone_enter', 'vacant'])
    assert.is(watched.view.zones['right']?.stays, 0)
    assert.is(watched.walk(9, at(-1), at(-0.5), at(0.5), at(1)).count('line_in'), 1, 'and counting goes on')
  }
})

test('a picture that comes back after a long silence continues nobody either, one after a short silence does', () => {
  const silent = (afterMs: number) => {
    const watched = watching().walk(1, at(-1), at(-0.5))
    watched.tell('unknown', { afterMs: afterMs / 2 })
    watched.look([person(1, at(0.5))], { afterMs: afterMs / 2 })
    return watched.walk(1, at(0.8), at(1))
  }
  assert.is(crossings(silent(6_000)), 0)
  assert.is(crossings(silent(2_500)), 1)
})

test('a file that begins again is another picture, although its clock runs backwards', () => {
  const watched = watching().walk(1, at(-1), at(-0.5), at(0.5), at(1))
  watched.atMs = 0
  watched.generation++
  watched.walk(2, at(-1), at(-0.5), at(0.5), at(1))
  assert.is(watched.count('line_in'), 2)
  assert.is(watched.state.atMs, 400)
})

test('times that run backwards within a picture stand still', () => {
  const watched = watching()
  watched.looks(5, [person(1, at(-1))])
  watched.look([person(1, at(-1))], { afterMs: -300 })
  assert.is(watched.state.atMs, 10_500)
})

test('whose feet lie in an excluded part does not count at all', () => {
  const watched = new Watched({
    lines: [MIDDLE],
    zones: [RIGHT],
    exclude: [
      [
        [0.6, 0.5],
        [1, 0.5],
        [1, 0.7],
        [0.6, 0.7],
      ],
    ],
  })
  watched.looks(30, [person(1, at(1, 0.6)), person(2, at(1, 0.8)), person(3, at(-1, 0.6))])
  assert.equal([watched.view.count, watched.view.zones['right']?.count, watched.view.uniquesInHour], [2, 1, 2])
})

test('a line or a zone that is moved begins anew; the others, and the same ones written again, go on', () => {
  const watched = new Watched({ lines: [MIDDLE, { ...MIDDLE, id: 'same' }], zones: [RIGHT] }).walk(1, at(-1), at(-0.5))
  const moved = { id: 'middle', from: [0.3, 0], to: [0.3, 1] } as const
  watched.settings = { ...watched.settings, lines: [{ ...moved, from: [0.3, 0] }, structuredClone({ ...MIDDLE, id: 'same' })] }
  watched.walk(1, at(0.5), at(1))
  assert.equal(
    watched.events.flatMap((event) => ('line' in event ? [event.line] : [])),
    ['same'],
  )
  watched.settings = { ...watched.settings, zones: [] }
  watched.looks(2, [person(1, at(1))])
  assert.equal(watched.view.zones, {})
})

test('occupied and vacant are events, quickly on and slowly off; the first thing known is none', () => {
  const watched = new Watched({ occupancy: OCCUPANCY })
  watched.looks(5, [])
  assert.equal(watched.events, [])
  watched.looks(4, [person(1, at(1))])
  assert.equal(kinds(watched.events), ['occupied'])
  watched.tell('unknown', { afterMs: 100 })
  watched.tell('tick', { afterMs: 9_000 })
  assert.equal(kinds(watched.events), ['occupied'], 'not knowing makes no room empty')
  watched.looks(60, [])
  assert.equal(kinds(watched.events), ['occupied', 'vacant'])
})

test('time passes for occupancy without a look, too', () => {
  const watched = new Watched({ occupancy: OCCUPANCY })
  watched.looks(5, [person(1, at(1))])
  watched.look([])
  watched.tell('tick', { afterMs: 4_900 })
  assert.is(watched.view.occupied, true)
  assert.equal(kinds(watched.tell('tick', { afterMs: 200 })), ['vacant'])
  assert.is(watched.view.occupied, false)
})

test('who comes and who goes is told within half a second at 30 looks a second, the tracker included', () => {
  forSeeds(40, (random) => {
    const tracker = new Tracker({ scoreThreshold: 0.3, confirmFrames: 3, buffer: 30 })
    const watched = new Watched({})
    /** Looks until so many people are told. */
    const until = (wanted: number, places: readonly number[]): number => {
      for (let looks = 1; looks <= 60; looks++) {
        const found = places.map((place) => person(0, at(place + (random() - 0.5) * 0.05), { score: 0.7 + random() * 0.3 }))
        watched.look(tracker.step(found, watched.atMs + 1_000 / 30), { afterMs: 1_000 / 30 })
        if (watched.view.count === wanted && looks > 2) return looks
      }
      return Infinity
    }
    until(2, [-1, 1])
    for (let looks = 0; looks < 60; looks++) until(2, [-1, 1])
    assert.ok(until(3, [-1, 0, 1]) <= 15, 'comes')
    for (let looks = 0; looks < 20; looks++) until(3, [-1, 0, 1])
    assert.ok(until(1, [-1]) <= 15, 'goes')
  })
})

test('different people are counted once an hour each, however often they are lost and whatever is restarted', () => {
  const watched = watching()
  watched.looks(30, [person(1, at(1)), person(2, at(-1))])
  watched.looks(5, [])
  watched.looks(30, [person(3, at(1)), person(2, at(-1))])
  assert.is(watched.view.uniquesInHour, 2)
  watched.epoch++
  watched.looks(30, [person(1, at(1)), person(2, at(-1))])
  assert.is(watched.view.uniquesInHour, 2, 'who is there after a restart was there before')
  watched.looks(30, [person(1, at(1)), person(2, at(-1)), person(3, at(-2))])
  assert.is(watched.view.uniquesInHour, 3)
  watched.looks(3, [person(1, at(1)), person(4, at(0))])
  assert.is(watched.view.uniquesInHour, 3, 'a shadow is nobody')
  watched.look([], { afterMs: 3_700_000 })
  assert.is(watched.view.uniquesInHour, 0)
})

test('events come in order of their times within a step', () => {
  const watched = new Watched({ lines: [MIDDLE], zones: [RIGHT] })
  watched.looks(3, [person(1, at(1)), person(2, at(2.2))])
  for (let step = 0; step < 40; step++) watched.look([person(2, at(2.2 - step * 0.1))])
  for (let step = 0; step < 80; step++) {
    const times = watched.look([]).map(({ atMs }) => atMs)
    assert.equal(
      times,
      times.toSorted((a, b) => a - b),
    )
  }
  assert.is(watched.count('zone_leave'), 2)
})

test('stays small whatever is seen: 128 boxes a look with new ids, for a long time', () => {
  const random = randomFrom(91)
  const watched = watching()
  let id = 0
  for (let look = 0; look < 400; look++)
    watched.look(
      Array.from({ length: 128 }, () => person(++id, [random(), random()], { confirmed: random() < 0.5 })),
      { afterMs: 500 },
    )
  const { people, lines, zones, visitors } = watched.state
  assert.ok(people.persons.length <= 128 * 12, `${people.persons.length} persons`)
  assert.ok(people.newcomers.size <= 128)
  assert.ok((lines[0]?.standings.size ?? 0) <= people.persons.length && (zones[0]?.stays.size ?? 0) <= people.persons.length)
  assert.ok(visitors.hour.minutes.length <= 60)
})

test('whatever happens: no number without two looks, never two entries without leaving, nothing from times without a look', () => {
  forSeeds(60, (random) => {
    const watched = watching()
    let looks = 0
    for (let step = 0; step < 200; step++) {
      const draw = random()
      const tracks = Array.from({ length: Math.floor(random() * 4) }, (_, id) => person(id, [random(), random()]))
      if (draw < 0.05) {
        watched[random() < 0.5 ? 'epoch' : 'generation']++
        looks = 0
      }
      if (draw < 0.1) {
        const events = watched.tell('unknown', { afterMs: 100 })
        assert.equal(events, [])
        looks = 0
      } else if (draw < 0.2) assert.not(kinds(watched.tell('tick', { afterMs: 100 })).some((type) => type.startsWith('line')))
      else if (draw < 0.25) watched.look(tracks, { predicted: true })
      else if (draw < 0.3) {
        watched.look(tracks, { tentative: true })
        looks = 0
      } else {
        watched.look(tracks)
        looks++
      }
      const { count, occupied, zones } = watched.view
      assert.is(count === null, looks < 2, `step ${step}`)
      assert.is(occupied === null, looks < 2)
      if (count !== null) for (const zone of Object.values(zones)) assert.ok(zone.count !== null)
    }
  })
})

test.run()
