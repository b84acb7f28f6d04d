import { HogDetector, type HogSearch, setThreads } from 'hailort-node/vision'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { framesOf, writableRing } from '../engine/detectors/clip-ring.ts'
import { dataFile } from '../support/data.ts'

const SEARCH: HogSearch = { people: 'daimler', searchHeight: 150, stride: 8, scale: 1.05, hitThreshold: 0.5 }
/** Somebody stands in the middle of the picture. */
const PERSON_FRAME = 320

function grey(width: number, height: number): Uint8Array {
  return new Uint8Array((width * height * 3) / 2).fill(128)
}

const test = suite('hog people search')

test('finds one person once, whatever the threads, and the box fits', async () => {
  const clip = dataFile('videos/one-by-one-person-detection.mp4')
  if (clip === null) return
  const detector = new HogDetector()
  for await (const { ring, seq } of framesOf(clip, { width: 768, height: 432 }, { from: PERSON_FRAME, to: PERSON_FRAME + 1 })) {
    for (const people of ['default', 'daimler'] as const) {
      const boxes: Float32Array[] = []
      for (const threads of [1, 2, 3, 2]) {
        setThreads(threads)
        const found = await detector.detect({ ring: ring.handle, seq }, { ...SEARCH, people, hitThreshold: 1 })
        boxes.push(found?.boxes ?? new Float32Array())
      }
      for (const others of boxes.slice(1)) assert.equal(others, boxes[0])
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, ...rest] = boxes[0] ?? []
      assert.is(rest.length, 1, 'one box and its margin')
      const truth = { x1: 0.51, y1: 0.04, x2: 0.71, y2: 0.91 }
      const shared = (Math.min(x2, truth.x2) - Math.max(x1, truth.x1)) * (Math.min(y2, truth.y2) - Math.max(y1, truth.y1))
      const iou = shared / ((x2 - x1) * (y2 - y1) + (truth.x2 - truth.x1) * (truth.y2 - truth.y1) - shared)
      assert.ok(iou > 0.6, `${people}: IoU ${iou}`)
    }
  }
  detector.close()
})

test('is closed by a getter of its own arguments without harm', async () => {
  const detector = new HogDetector()
  using made = writableRing({ width: 64, height: 128 })
  const search = {
    ...SEARCH,
    get hitThreshold() {
      detector.close()
      return 1
    },
  }
  const refusal = await detector.detect({ ring: made.ring.handle, seq: 1 }, search).catch((error: unknown) => error)
  assert.match(String(refusal), /closed/)
})

test('an empty picture of any size holds nobody', async () => {
  const detector = new HogDetector()
  for (const [width, height] of [
    [426, 240],
    [854, 480],
    [2, 2],
    [2, 600],
    [1600, 2],
    [98, 130],
  ] as const) {
    using target = writableRing({ width, height })
    const found = await detector.detect({ ring: target.ring.handle, seq: target.put(grey(width, height)) }, SEARCH)
    assert.is(found?.boxes.length, 0, `${width}×${height}`)
    assert.is(found?.info.width, width)
  }
  detector.close()
})

test('a picture smaller than a window holds nobody', async () => {
  const detector = new HogDetector()
  using target = writableRing({ width: 64, height: 64 })
  const frame = { ring: target.ring.handle, seq: target.put(new Uint8Array(64 * 64 * 1.5).map((_, index) => (index * 7919) % 251)) }
  for (const people of ['default', 'daimler'] as const)
    for (const searchHeight of [32, 33, 60, 64, 96]) {
      const found = await detector.detect(frame, { ...SEARCH, people, searchHeight, hitThreshold: 10 })
      assert.is(found?.boxes.length, 0, `${people} at ${searchHeight}`)
    }
  detector.close()
})

test('an overwritten frame and the end of a stream are null', async () => {
  const detector = new HogDetector()
  using target = writableRing({ width: 64, height: 64 }, 4)
  for (let frame = 0; frame < 6; frame++) target.put(grey(64, 64))
  const end = target.end()
  for (const seq of [1, 2, 99, end]) assert.is(await detector.detect({ ring: target.ring.handle, seq }, SEARCH), null)
  detector.close()
})

test('closing the detector and the ring during a detection lets it answer; later calls reject', async () => {
  const detector = new HogDetector()
  const target = writableRing({ width: 640, height: 480 })
  const frame = { ring: target.ring.handle, seq: target.put(grey(640, 480)) }
  const underWay = [1, 2, 3].map(async () => detector.detect(frame, { ...SEARCH, searchHeight: 480 }))
  detector.close()
  detector.close()
  target[Symbol.dispose]()
  for (const found of await Promise.all(underWay)) assert.is(found?.info.width, 640)
  const late = await detector.detect(frame, SEARCH).catch((error: unknown) => error)
  assert.match(String(late), 'closed')
})

test('a search leaves the event loop free', async () => {
  const detector = new HogDetector()
  using target = writableRing({ width: 640, height: 480 })
  const frame = { ring: target.ring.handle, seq: target.put(grey(640, 480)) }
  let turns = 0
  let turning = setImmediate(function turn() {
    turns++
    turning = setImmediate(turn)
  })
  await detector.detect(frame, { ...SEARCH, searchHeight: 720 })
  clearImmediate(turning)
  assert.ok(turns >= 5, `${turns} turns`)
  detector.close()
})

test('arguments of the wrong kind throw and harm nothing', () => {
  const detector = new HogDetector()
  using target = writableRing({ width: 64, height: 64 })
  const frame = { ring: target.ring.handle, seq: target.put(grey(64, 64)) }
  const searches = [
    { people: 'cats' },
    { searchHeight: 0 },
    { searchHeight: 1e9 },
    { stride: 3 },
    { stride: 0 },
    { scale: 1 },
    { hitThreshold: Number.NaN },
  ]
  for (const wrong of searches)
    assert.throws(() => detector.detect(frame, { ...SEARCH, ...wrong } as HogSearch), undefined, JSON.stringify(wrong))
  assert.throws(() => detector.detect({ ring: {} as never, seq: 1 }, SEARCH))
  assert.throws(() => {
    setThreads(0)
  })
  detector.close()
})

test.run()
