import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OnnxDetector } from '../../../agent/engine/detectors/onnx.ts'
import { AgentError } from '../../../agent/errors.ts'
import { temporaryFolder } from '../../ring/temporary-ring.ts'
import { dataFile } from '../../support/data.ts'
import { scoreBoxes, truthOf } from '../../support/truth.ts'
import { framesOf, writableRing } from './clip-ring.ts'
import { type TinyModel, writeTinyModel } from './onnx-file.ts'

const RED = { y: 82, u: 90, v: 240 }
const BLUE = { y: 41, u: 240, v: 110 }
const MODELS = {
  yolov8: { layout: 'yolov8', scorePlane: 0, fullScale: 1 },
  yolox: { layout: 'yolox', scorePlane: 2, fullScale: 255 },
} as const satisfies Record<string, TinyModel>

/** A black picture with one square of 16 pixels: half as high as wide, so that it does not fill the input. */
function pictureWith(square: { x: number; y: number; colour: typeof RED }): Uint8Array {
  const [width, height] = [128, 64]
  const pixels = new Uint8Array((width * height * 3) / 2).fill(128)
  pixels.fill(16, 0, width * height)
  const paint = (start: number, stride: number, scale: number, value: number) => {
    for (let y = square.y / scale; y < (square.y + 16) / scale; y++)
      for (let x = square.x / scale; x < (square.x + 16) / scale; x++) pixels[start + y * stride + x] = value
  }
  paint(0, width, 1, square.colour.y)
  paint(width * height, width / 2, 2, square.colour.u)
  paint(width * height * 1.25, width / 2, 2, square.colour.v)
  return pixels
}

function order(model: string) {
  return { model, scoreThreshold: 0.5, iouThreshold: 0.45 }
}

async function failure(model: string): Promise<AgentError> {
  const outcome = await OnnxDetector.open(order(model)).catch((error: unknown) => error)
  if (outcome instanceof AgentError) return outcome
  throw new Error(`expected an AgentError, got ${String(outcome)}`)
}

const test = suite('onnx detector')

for (const [kind, model] of Object.entries(MODELS)) {
  test(`a ${kind} model is recognised by its shapes, and its boxes lie where the colour is`, async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'tiny.onnx')
    writeTinyModel(path, model)
    await using detector = await OnnxDetector.open(order(path))
    assert.is(detector.output.kind, kind)
    using target = writableRing({ width: 128, height: 64 })
    const seq = target.put(pictureWith({ x: 32, y: 16, colour: RED }))
    const [found] = await detector.detect([{ stream: 'a', ring: target.ring, seq }])
    assert.is(found?.info.seq, seq)
    // The cell of 8 pixels in the input is the square of 16 in the picture; the person around it is 32 × 64 of 128 × 64.
    const [box, ...others] = found?.boxes ?? []
    assert.is(others.length, 0)
    assert.ok(box !== undefined && box.score > 0.9, `the score is ${box?.score}`)
    const expected = { x1: 24 / 128, x2: 56 / 128, y1: 0, y2: 56 / 64 }
    for (const [side, value] of Object.entries(expected)) {
      const real = box[side as keyof typeof expected]
      assert.ok(Math.abs(real - value) < 0.02, `${side} is ${real}, not ${value}`)
    }
    const blue = target.put(pictureWith({ x: 32, y: 16, colour: BLUE }))
    const [nobody] = await detector.detect([{ stream: 'a', ring: target.ring, seq: blue }])
    assert.equal(nobody?.boxes, [])
  })
}

test('a frame that was overwritten before it was copied is null, and the next one is seen', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'tiny.onnx')
  writeTinyModel(path, MODELS.yolov8)
  await using detector = await OnnxDetector.open(order(path))
  using target = writableRing({ width: 128, height: 64 }, 4)
  const seqs = Array.from({ length: 6 }, () => target.put(pictureWith({ x: 0, y: 0, colour: RED })))
  const results = await detector.detect(seqs.map((seq) => ({ stream: 'a', ring: target.ring, seq })))
  assert.equal(
    results.map((found) => found?.info.seq ?? null),
    [null, null, ...seqs.slice(2)],
  )
})

test('closing waits for the detection under way, and nothing works after it', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'tiny.onnx')
  writeTinyModel(path, MODELS.yolov8)
  const detector = await OnnxDetector.open(order(path))
  using target = writableRing({ width: 128, height: 64 })
  const frame = { stream: 'a', ring: target.ring, seq: target.put(pictureWith({ x: 32, y: 16, colour: RED })) }
  const underWay = detector.detect([frame])
  await Promise.all([detector[Symbol.asyncDispose](), detector[Symbol.asyncDispose]()])
  assert.is((await underWay)[0]?.boxes.length, 1)
  const late = await detector.detect([frame]).catch((error: unknown) => error)
  assert.match(String(late), 'closed')
})

test('a missing model names its path', async () => {
  const error = await failure('/nowhere/people.onnx')
  assert.is(error.code, 'MODEL_MISSING')
  assert.match(error.message, '/nowhere/people.onnx')
})

test('garbage is unreadable, whatever it is called', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'people.onnx')
  for (const garbage of ['', 'not a model', Buffer.alloc(10_000, 0xa5)]) {
    writeFileSync(path, garbage)
    assert.is((await failure(path)).code, 'MODEL_UNREADABLE')
  }
})

test('a model of another kind is refused with its shape, and the remedy says how to export one', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'other.onnx')
  writeTinyModel(path, { layout: 'yolov8', scorePlane: 0, fullScale: 1, channels: 4 })
  const wrongInput = await failure(path)
  assert.is(wrongInput.code, 'MODEL_UNSUPPORTED')
  assert.match(wrongInput.what, '1, 4, 64, 64')
  assert.match(wrongInput.remedy, 'format=onnx')
})

test('half a model is refused', async () => {
  const path = dataFile('models/yolox_nano.onnx')
  if (path === null) return
  using folder = temporaryFolder()
  const half = join(folder.path, 'half.onnx')
  const { readFileSync } = await import('node:fs')
  writeFileSync(half, readFileSync(path).subarray(0, 1_000_000))
  assert.ok(existsSync(half))
  assert.ok(['MODEL_UNREADABLE', 'MODEL_UNSUPPORTED'].includes((await failure(half)).code))
})

test('YOLOX-nano finds the people of a busy street', async () => {
  const model = dataFile('models/yolox_nano.onnx')
  const clip = model && dataFile('vtest.avi')
  const truth = clip === null ? null : truthOf('vtest')
  if (model === null || clip === null || truth === null) return
  await using detector = await OnnxDetector.open({ model, scoreThreshold: 0.3, iouThreshold: 0.45 })
  const found = new Map()
  for await (const { frame, ring, seq } of framesOf(clip, { width: 768, height: 576 }, { to: 200, every: 8 })) {
    const [result] = await detector.detect([{ stream: 'street', ring, seq }])
    found.set(frame, result?.boxes ?? [])
  }
  const { frames, precision, recall } = scoreBoxes(truth, found)
  assert.is(frames, 25)
  assert.ok(recall >= 0.9, `recall ${recall}`)
  assert.ok(precision >= 0.75, `precision ${precision}`)
})

test.run()
