import { join } from 'node:path'
import { Letterboxer, type LetterboxOrder } from 'hailort-node/letterbox'
import { createRing, openRing, openWriter } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writableRing } from '../engine/detectors/clip-ring.ts'
import { temporaryFolder } from '../ring/temporary-ring.ts'

const GREY = 114
const RED = [254, 0, 0] as const

function order(wanted: Partial<LetterboxOrder>): LetterboxOrder {
  return { width: 64, height: 64, placing: 'centre', channels: 'rgb', gain: 1, ...wanted }
}

function inputOf({ width, height }: LetterboxOrder): Float32Array {
  return new Float32Array(3 * width * height).fill(-1)
}

/** All red, as I420. */
function redFrame(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array((width * height * 3) / 2).fill(82)
  pixels.fill(90, width * height, width * height * 1.25)
  return pixels.fill(240, width * height * 1.25)
}

/** The first difference between an input and a red picture at this place on grey, or null. */
function difference(
  input: Float32Array,
  { width, height, channels, gain }: LetterboxOrder,
  place: Record<'x' | 'y' | 'width' | 'height', number>,
) {
  const colour = channels === 'rgb' ? RED : RED.toReversed()
  for (let plane = 0; plane < 3; plane++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const inside = x >= place.x && x < place.x + place.width && y >= place.y && y < place.y + place.height
        const expected = (inside ? (colour[plane] ?? 0) : GREY) * gain
        const real = input[(plane * height + y) * width + x] ?? Number.NaN
        if (!(Math.abs(real - expected) <= 4 * gain)) return `plane ${plane} at ${x},${y} is ${real}, not ${expected}`
      }
  return null
}

const test = suite('letterbox')

for (const [frame, wanted, place] of [
  [{ width: 128, height: 64 }, {}, { x: 0, y: 16, width: 64, height: 32 }],
  [
    { width: 128, height: 64 },
    { placing: 'topLeft', channels: 'bgr' },
    { x: 0, y: 0, width: 64, height: 32 },
  ],
  [
    { width: 426, height: 240 },
    { width: 416, height: 416 },
    { x: 0, y: 91, width: 416, height: 234 },
  ],
  [
    { width: 854, height: 480 },
    { width: 320, height: 192, gain: 1 / 255 },
    { x: 0, y: 6, width: 320, height: 180 },
  ],
  [{ width: 2, height: 400 }, {}, { x: 31, y: 0, width: 1, height: 64 }],
  [
    { width: 16, height: 16 },
    { width: 33, height: 47 },
    { x: 0, y: 7, width: 33, height: 33 },
  ],
] as const) {
  const wholeOrder = order(wanted)
  test(`a frame of ${frame.width}×${frame.height} is put ${wholeOrder.placing} into ${wholeOrder.width}×${wholeOrder.height} ${wholeOrder.channels}`, async () => {
    using target = writableRing(frame)
    const seq = target.put(redFrame(frame.width, frame.height))
    const input = inputOf(wholeOrder)
    const placed = await new Letterboxer(wholeOrder).letterbox({ ring: target.ring.handle, seq }, input)
    if (placed === null) throw new Error('the frame was lost')
    const { info, ...where } = placed
    assert.is(info.seq, seq)
    assert.equal(where, place)
    assert.is(difference(input, wholeOrder, place), null)
  })
}

test('a ring of RGB pixels gives the same picture', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rgb.1.ring')
  createRing(path, { slotCount: 4, maxWidth: 128, maxHeight: 64, format: 'RGB3', mode: 'live' })
  const ring = openRing(path)
  const writer = openWriter(ring)
  const pixels = new Uint8Array(128 * 64 * 3).map((_, index) => RED[(index % 3) as 0 | 1 | 2])
  const seq = writer.write(pixels, { width: 128, height: 64, ptsNs: -1 }) ?? 0
  const input = inputOf(order({}))
  const placed = await new Letterboxer(order({})).letterbox({ ring: ring.handle, seq }, input)
  assert.is(difference(input, order({}), { x: 0, y: 16, width: 64, height: 32 }), null)
  assert.is(placed?.info.format, 'RGB3')
  writer.close()
  ring.close()
})

test('an overwritten frame, one that is not there yet and the end of a stream are null', async () => {
  using target = writableRing({ width: 64, height: 64 }, 4)
  const letterboxer = new Letterboxer(order({}))
  const input = inputOf(order({}))
  for (let frame = 0; frame < 6; frame++) target.put(redFrame(64, 64))
  for (const seq of [1, 2, 7, 1e15]) assert.is(await letterboxer.letterbox({ ring: target.ring.handle, seq }, input), null)
  const end = target.end()
  assert.is(await letterboxer.letterbox({ ring: target.ring.handle, seq: end }, input), null)
})

test('many calls at a time share the memory of one letterboxer, and a ring closed meanwhile stays mapped for them', async () => {
  const target = writableRing({ width: 426, height: 240 })
  const wanted = order({ width: 416, height: 416 })
  const letterboxer = new Letterboxer(wanted)
  const seq = target.put(redFrame(426, 240))
  const inputs = Array.from({ length: 12 }, () => inputOf(wanted))
  const underWay = inputs.map(async (input) => letterboxer.letterbox({ ring: target.ring.handle, seq }, input))
  target[Symbol.dispose]()
  for (const [index, placed] of (await Promise.all(underWay)).entries()) {
    assert.is(placed?.height, 234)
    assert.is(difference(inputs[index] ?? new Float32Array(), wanted, { x: 0, y: 91, width: 416, height: 234 }), null)
  }
})

test('arguments of the wrong kind throw and harm nothing', () => {
  using target = writableRing({ width: 64, height: 64 })
  const seq = target.put(redFrame(64, 64))
  const letterboxer = new Letterboxer(order({}))
  const ring = target.ring.handle
  const wrong: (() => unknown)[] = [
    () => letterboxer.letterbox({ ring, seq }, new Float32Array(3)),
    () => letterboxer.letterbox({ ring, seq }, new Float64Array(3 * 64 * 64) as unknown as Float32Array),
    () => letterboxer.letterbox({ ring: {} as never, seq }, inputOf(order({}))),
    () => letterboxer.letterbox({ ring, seq: 1.5 }, inputOf(order({}))),
    () => new Letterboxer(order({ width: 0 })),
    () => new Letterboxer(order({ height: 1e9 })),
    () => new Letterboxer(order({ placing: 'left' as never })),
  ]
  for (const call of wrong) assert.throws(call)
})

test.run()
