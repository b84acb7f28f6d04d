import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Point } from '../../agent/counting/geometry.ts'
import type { SceneEvent, SceneSettings } from '../../agent/counting/scene.ts'
import type { Track } from '../../agent/tracking/track.ts'
import { person, Watched } from './scene-watched.ts'
import { forSeeds, wholeFrom } from './seeds.ts'

const test = suite('the same walks seen otherwise')

interface World {
  readonly settings: Pick<SceneSettings, 'lines' | 'zones'>
  readonly afterMs: number
  readonly looks: readonly (readonly Track[])[]
}

/** A few people who wander all over the picture, trembling, lost and found again as others, over lines and zones that lie anyhow. */
function worldOf(random: () => number): World {
  const corner = (): Point => [random(), random()]
  const persons = Array.from({ length: wholeFrom(random, 1, 4) }, (_, id) => ({ id, x: random(), y: random(), vx: 0, vy: 0, away: 0 }))
  let lastId = persons.length
  const looks = Array.from({ length: 300 }, () =>
    persons.flatMap((one): Track[] => {
      one.vx += (random() - 0.5) * 0.01 - (one.x - 0.5) * 0.002
      one.vy += (random() - 0.5) * 0.01 - (one.y - 0.5) * 0.002
      one.x = Math.min(0.98, Math.max(0.02, one.x + one.vx))
      one.y = Math.min(0.98, Math.max(0.02, one.y + one.vy))
      if (one.away === 0 && random() < 0.02) one.away = wholeFrom(random, 1, 15)
      if (one.away > 0 && --one.away === 0 && random() < 0.5) one.id = ++lastId
      return one.away > 0 ? [] : [person(one.id, [one.x + (random() - 0.5) * 0.02, one.y], { confirmed: random() < 0.95 })]
    }),
  )
  return {
    settings: {
      lines: [
        { id: 'long', from: corner(), to: corner() },
        { id: 'short', from: [0.5, 0.3], to: [0.5, 0.6] },
      ],
      zones: [{ id: 'some', polygon: [corner(), corner(), corner(), corner(), corner()] }],
    },
    afterMs: wholeFrom(random, 33, 250),
    looks,
  }
}

function eventsOf({ settings, afterMs, looks }: World, startMs = 0): readonly SceneEvent[] {
  const watched = new Watched(settings)
  watched.atMs = startMs
  for (const tracks of looks) watched.look(tracks, { afterMs })
  watched.tell('end')
  return watched.events
}

const inAndOut = (event: SceneEvent): SceneEvent =>
  event.type === 'line_in' || event.type === 'line_out' ? { ...event, type: event.type === 'line_in' ? 'line_out' : 'line_in' } : event
const mirrored = (world: World): World => {
  const point = ([x, y]: Point): Point => [1 - x, y]
  const { lines, zones } = world.settings
  return {
    ...world,
    settings: {
      lines: lines.map(({ id, from, to }) => ({ id, from: point(from), to: point(to) })),
      zones: zones.map(({ id, polygon }) => ({ id, polygon: polygon.map(point) })),
    },
    looks: world.looks.map((tracks) => tracks.map((track) => ({ ...track, x1: 1 - track.x2, x2: 1 - track.x1 }))),
  }
}
test('a line the other way round: in is out and out is in, and nothing else changes', () => {
  let crossings = 0
  forSeeds(100, (random) => {
    const world = worldOf(random)
    const { lines, zones } = world.settings
    const turned = { ...world, settings: { zones, lines: lines.map(({ id, from, to }) => ({ id, from: to, to: from })) } }
    const events = eventsOf(world)
    assert.equal(eventsOf(turned), events.map(inAndOut))
    crossings += events.filter(({ type }) => type.startsWith('line')).length
  })
  assert.ok(crossings > 100, `${crossings} crossings: no proof otherwise`)
})

test('the picture in a mirror: in is out and out is in, and nothing else changes', () => {
  forSeeds(100, (random) => {
    const world = worldOf(random)
    assert.equal(eventsOf(mirrored(world)), eventsOf(world).map(inAndOut))
  })
})

test('the corners of a zone from another one on, and the other way round, are the same zone', () => {
  let entries = 0
  forSeeds(100, (random) => {
    const world = worldOf(random)
    const [zone] = world.settings.zones
    const polygon = zone?.polygon ?? []
    const from = wholeFrom(random, 0, polygon.length - 1)
    const other = [...polygon.slice(from), ...polygon.slice(0, from)].toReversed()
    const again = { ...world, settings: { ...world.settings, zones: [{ id: 'some', polygon: other }] } }
    const events = eventsOf(world)
    assert.equal(eventsOf(again), events)
    entries += events.filter(({ type }) => type === 'zone_enter').length
  })
  assert.ok(entries > 100, `${entries} entries: no proof otherwise`)
})

test('whenever it happens, it happens the same way: a machine that has run for years counts as one that was just started', () => {
  forSeeds(100, (random) => {
    const world = worldOf(random)
    const yearsMs = wholeFrom(random, 1, 20) * 365 * 86_400_000
    assert.equal(
      eventsOf(world, yearsMs).map((event) => ({ ...event, atMs: event.atMs - yearsMs })),
      eventsOf(world),
    )
  })
})

test('ids are names: other numbers for the same tracks change nothing but the numbers', () => {
  forSeeds(100, (random) => {
    const world = worldOf(random)
    const other = (id: number) => 7 * id + 1_000_000
    const renamed = { ...world, looks: world.looks.map((tracks) => tracks.map((track) => ({ ...track, id: other(track.id) }))) }
    const expected = eventsOf(world).map((event) => ('track' in event ? { ...event, track: other(event.track) } : event))
    assert.equal(eventsOf(renamed), expected)
  })
})

test('things, and shadows that never count, change nothing wherever they are', () => {
  forSeeds(100, (random) => {
    const world = worldOf(random)
    const other = (id: number): Track =>
      person(id, [random(), random()], random() < 0.5 ? { classId: wholeFrom(random, 1, 79) } : { confirmed: false })
    const crowded = { ...world, looks: world.looks.map((tracks, look) => [other(1_000 + look), ...tracks, other(9_000 + (look % 7))]) }
    assert.equal(eventsOf(crowded), eventsOf(world))
  })
})

test.run()
