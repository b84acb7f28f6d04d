import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HogDetector } from '../../agent/engine/detectors/hog.ts'
import { iou } from '../../agent/tracking/boxes.ts'
import { type DetectedBox, PERSON } from '../../agent/tracking/track.ts'
import { Tracker } from '../../agent/tracking/tracker.ts'
import { framesOf } from '../engine/detectors/clip-ring.ts'
import { writeTinyModel } from '../engine/detectors/onnx-file.ts'
import { temporaryFolder } from '../ring/temporary-ring.ts'
import { dataFile } from '../support/data.ts'
import { truthOf } from '../support/truth.ts'
import { NetworkInput, painted } from './network-input.ts'
import { type InputFrame, loadPlugin, PluggedEyes } from './plugged-eyes.ts'

const STREET = { width: 768, height: 576 }
const CORRIDOR = { width: 768, height: 432 }
const SQUARE = { width: 640, height: 640 }
const ORDER = {
  scoreThreshold: 0.3,
  hog: { people: 'auto', searchHeight: 'auto', stride: 8, scale: 1.05, hitThreshold: 'auto' },
} as const
const TRACKING = { scoreThreshold: 0.3, confirmFrames: 3, buffer: 30 }
/** What starts a track. */
const SURE = 0.6
const LETTERBOX_GREY = [114, 114, 114] as const
const BLACK = [0, 0, 0] as const
const COCO_CAR = 2
/** What the hog backend learns of this clip in its first rounds. */
const STREET_SEARCH_HEIGHT = 720

const test = suite('the eyes of the simulated NPU')

test('what cannot be opened is refused with one line that says why', () => {
  const plugin = loadPlugin()
  if (plugin === null) return
  using folder = temporaryFolder()
  const file = (name: string) => join(folder.path, name)
  writeFileSync(file('text.onnx'), 'no model at all')
  writeFileSync(file('empty.onnx'), '')
  writeTinyModel(file('whole.onnx'), { layout: 'yolov8', scorePlane: 0, fullScale: 1 })
  writeFileSync(file('half.onnx'), readFileSync(file('whole.onnx')).subarray(0, 5_000))
  writeTinyModel(file('other.onnx'), { layout: 'other', scorePlane: 0, fullScale: 1 })
  writeTinyModel(file('grey.onnx'), { layout: 'yolov8', scorePlane: 0, fullScale: 1, channels: 1 })
  const refusals: readonly (readonly [kind: string, file: string, why: RegExp])[] = [
    ['cat', '', /no eyes of the kind "cat"/],
    ['onnx', file('missing.onnx'), /missing\.onnx is no model that can be used: it cannot be read/],
    ['onnx', file('text.onnx'), /text\.onnx is no model/],
    ['onnx', file('empty.onnx'), /cannot be read/],
    ['onnx', file('half.onnx'), /half\.onnx is no model/],
    ['onnx', file('other.onnx'), /neither YOLOX's nor YOLOv8's/],
    ['onnx', file('grey.onnx'), /three planes/],
  ]
  for (const [kind, path, why] of refusals) {
    const refusal = attempt(() => PluggedEyes.open(plugin, kind, path))
    assert.match(refusal, why)
    assert.not.match(refusal, '\n')
  }
  const short = new Uint8Array(8)
  assert.is(plugin.open('cat', null, short, short.length), null)
  assert.is(short.at(-1), 0)
  assert.is(plugin.open(null, null, null, 0), null)
})

test('a frame that is none is an error, and closing nothing is none', () => {
  const plugin = loadPlugin()
  if (plugin === null) return
  const eyes = plugin.open('hog', null, null, 0)
  const { rgb } = painted({ width: 8, height: 8 }, BLACK)
  const box = new Uint8Array(24)
  assert.is(plugin.find(eyes, null, 8, 8, box, 1), -1)
  assert.is(plugin.find(eyes, rgb, 0, 8, box, 1), -1)
  assert.is(plugin.find(eyes, rgb, 8, 1e9, box, 1), -1)
  assert.is(plugin.find(eyes, rgb, 8, 8, null, 1), -1)
  assert.is(plugin.find(eyes, rgb, 8, 8, null, 0), 0)
  assert.is(plugin.find(null, rgb, 8, 8, box, 1), -1)
  plugin.close(eyes)
  plugin.close(null)
})

test('an empty picture of any size, or one that is all grey, holds nobody', () => {
  const plugin = loadPlugin()
  if (plugin === null) return
  using eyes = PluggedEyes.open(plugin, 'hog')
  for (const [width, height] of [
    [1, 1],
    [640, 1],
    [2, 600],
    [97, 130],
    [640, 360],
  ] as const) {
    assert.equal(eyes.find(painted(SQUARE, LETTERBOX_GREY, [{ x: 3, y: 9, width, height, colour: BLACK }])), [], `${width}×${height}`)
    assert.equal(eyes.find(painted({ width, height }, BLACK)), [], `${width}×${height} alone`)
    assert.equal(eyes.find(painted({ width, height }, LETTERBOX_GREY)), [])
  }
})

test('a busy street behind a letterbox is counted as by the hog backend, and in its own size box for box', async () => {
  const plugin = loadPlugin()
  const clip = plugin && dataFile('vtest.avi')
  if (plugin === null || clip === null) return
  await using detector = new HogDetector(ORDER)
  detector.recall('street', STREET_SEARCH_HEIGHT)
  using eyes = PluggedEyes.open(plugin, 'hog')
  const square = new NetworkInput(SQUARE)
  const own = new NetworkInput(STREET)
  const [reference, letterboxed, whole] = [new Tracker(TRACKING), new Tracker(TRACKING), new Tracker(TRACKING)]
  const countOf = (tracker: Tracker, boxes: readonly DetectedBox[], frame: number) =>
    tracker.step(boxes, frame * 100).filter(({ confirmed }) => confirmed).length
  const looks: { readonly count: number; readonly letterboxed: number; readonly whole: number }[] = []
  const boxes = { all: 0, found: 0 }
  for await (const picture of framesOf(clip, STREET, { from: 300, to: 348, every: 3 })) {
    const { frame } = picture
    const [result] = await detector.detect([{ stream: 'street', ...picture }])
    const expected = result?.boxes ?? []
    const count = countOf(reference, expected, frame)
    const seen = eyes.find(await own.of(picture))
    looks.push({
      count,
      letterboxed: countOf(letterboxed, inStreet(eyes.find(await square.of(picture))), frame),
      whole: countOf(whole, seen, frame),
    })
    const sure = expected.filter(({ score }) => score >= SURE)
    boxes.all += sure.length
    boxes.found += sure.filter((box) => seen.some((other) => iou(other, box) > 0.6)).length
  }
  const within = (most: number, of: (look: (typeof looks)[number]) => number) =>
    looks.filter((look) => Math.abs(of(look) - look.count) <= most).length / looks.length
  assert.ok(within(1, (look) => look.letterboxed) >= 0.95, JSON.stringify(looks))
  assert.ok(within(1, (look) => look.whole) >= 0.95, JSON.stringify(looks))
  assert.ok(boxes.all > 50 && boxes.found >= 0.95 * boxes.all, JSON.stringify(boxes))
})

test('somebody who fills the picture is found once, inside the picture, whatever the place of the letterbox', async () => {
  const plugin = loadPlugin()
  const clip = plugin && dataFile('videos/one-by-one-person-detection.mp4')
  if (plugin === null || clip === null) return
  using eyes = PluggedEyes.open(plugin, 'hog')
  for await (const picture of framesOf(clip, CORRIDOR, { from: 320, to: 321 }))
    for (const size of [SQUARE, CORRIDOR, { width: 320, height: 512 }]) {
      const boxes = eyes.find(await new NetworkInput(size).of(picture)).filter(({ score }) => score >= SURE)
      assert.is(boxes.length, 1, JSON.stringify({ size, boxes }))
      const shareOfHeight = (size.width * CORRIDOR.height) / CORRIDOR.width / size.height
      const top = (1 - shareOfHeight) / 2
      const truth = { x1: 0.51, y1: top + 0.04 * shareOfHeight, x2: 0.71, y2: top + 0.91 * shareOfHeight }
      for (const box of boxes) assert.ok(iou(box, truth) > 0.6, JSON.stringify({ size, box }))
    }
})

for (const [layout, colour, scorePlane, fullScale] of [
  ['yolov8', [255, 0, 0], 0, 1],
  ['yolox', [0, 0, 255], 0, 255],
] as const)
  test(`a ${layout} model is recognised by its shapes, takes its own colours, and its boxes lie where the colour is`, () => {
    const plugin = loadPlugin()
    if (plugin === null) return
    using folder = temporaryFolder()
    const file = join(folder.path, 'tiny.onnx')
    writeTinyModel(file, { layout, scorePlane, fullScale })
    using eyes = PluggedEyes.open(plugin, 'onnx', file)
    const frame = { width: 128, height: 128 }
    const picture = { x: 0, y: 32, width: 128, height: 64, colour: BLACK }
    const square = { x: 32, y: 48, width: 16, height: 16 }
    const bright = (input: InputFrame) => eyes.find(input).filter(({ score }) => score > 0.9)
    const [box, ...others] = bright(painted(frame, LETTERBOX_GREY, [picture, { ...square, colour }]))
    assert.is(others.length, 0)
    assert.ok(box?.classId === PERSON, JSON.stringify(box))
    // Around the middle of the square 32 × 64 pixels, as far as they lie in the picture.
    const expected = { x1: 24 / 128, y1: 32 / 128, x2: 56 / 128, y2: 88 / 128 }
    for (const [side, value] of Object.entries(expected))
      assert.ok(Math.abs(box[side as keyof typeof expected] - value) < 0.01, `${side} of ${JSON.stringify(box)} is not ${value}`)
    const otherColour = [...colour].reverse() as unknown as typeof colour
    assert.is(bright(painted(frame, LETTERBOX_GREY, [picture, { ...square, colour: otherColour }])).length, 0)
    assert.is(eyes.find(painted(frame, LETTERBOX_GREY)).length, 0)
  })

test('a real model finds the people of the truth and other things by their class, best first, as many as are wanted', async () => {
  const plugin = loadPlugin()
  const clip = plugin && dataFile('vtest.avi')
  const model = clip && dataFile('models/yolox_nano.onnx')
  const frames = model === null ? null : truthOf('vtest')
  if (plugin === null || clip === null || model === null || frames === null) return
  using eyes = PluggedEyes.open(plugin, 'onnx', model)
  const frame = 400
  const truth = frames[frame]?.boxes ?? []
  for await (const picture of framesOf(clip, STREET, { from: frame, to: frame + 1 }))
    for (const size of [SQUARE, STREET]) {
      const input = await new NetworkInput(size).of(picture)
      const all = eyes.find(input)
      const people = (size === SQUARE ? inStreet(all) : all).filter(({ classId, score }) => classId === PERSON && score >= 0.3)
      const found = truth.filter((person) => people.some((box) => iou(box, person) > 0.5)).length
      assert.ok(found >= 0.75 * truth.length, `${found} of ${truth.length}: ${JSON.stringify(people)}`)
      assert.ok(all.some(({ classId }) => classId === COCO_CAR))
      assert.equal(
        all.map(({ score }) => score),
        all.map(({ score }) => score).sort((a, b) => b - a),
      )
      assert.equal(eyes.find(input, 2), all.slice(0, 2))
    }
})

/** Boxes of the letterboxed square as boxes of the street's picture, which lies in the middle and fills its width. */
function inStreet(boxes: readonly DetectedBox[]): DetectedBox[] {
  const share = STREET.height / STREET.width
  const y = (value: number) => (value - (1 - share) / 2) / share
  return boxes.map((box) => ({ ...box, y1: y(box.y1), y2: y(box.y2) }))
}

function attempt(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'nothing was refused'
}

test.run()
