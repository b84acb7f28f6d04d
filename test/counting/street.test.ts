import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Watched } from './scene-watched.ts'
import { forSeeds } from './seeds.ts'
import { STREET, Street } from './street.ts'

const HOUR_MS = 3_600_000

const test = suite('a street of made-up people')

interface Walked {
  readonly street: Street
  readonly watched: Watched
}

/** Some minutes of a street, and until the last of those who came has left and is forgotten. */
function walk(random: () => number, minutes = 20): Walked {
  const afterMs = 1_000 / (4 + random() * 26)
  const waitS = 5 + random() * 60
  const street = new Street(random, () => waitS)
  const watched = new Watched(STREET)
  const startMs = watched.atMs
  const see = (closed: boolean) => {
    const atMs = watched.atMs - startMs
    watched.look(street.look(atMs, afterMs, { closed }), { afterMs })
  }
  while (watched.atMs - startMs < minutes * 60_000) see(false)
  while (!street.empty) see(true)
  watched.looks(100, [])
  return { street, watched }
}

test('crossings are exactly those that were walked, with gaps, trembling, wrong boxes and other ids', () => {
  let crossed = 0
  forSeeds(20, (random) => {
    const { street, watched } = walk(random)
    const { in: ins, out: outs } = street.truth
    assert.equal([watched.count('line_in'), watched.count('line_out')], [ins, outs])
    crossed += ins + outs
  })
  assert.ok(crossed > 40, `${crossed} crossings: the streets are no proof otherwise`)
})

test('everybody enters and leaves a zone as often as they do, and the count of it is the people in it', () => {
  forSeeds(20, (random) => {
    const { street, watched } = walk(random)
    assert.equal([watched.count('zone_enter'), watched.count('zone_leave')], [street.truth.entered, street.truth.entered])
    assert.is(watched.view.zones['window']?.count, 0)
  })
})

test('everybody is one person of the hour, however often they are lost and found as another track', () => {
  forSeeds(20, (random) => {
    const { street, watched } = walk(random, 30)
    assert.ok(watched.atMs < HOUR_MS)
    assert.is(watched.view.uniquesInHour, street.truth.visitors)
  })
})

test.run()
