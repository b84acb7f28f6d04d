import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

/** The native half of this test: native/hailort/check. */
const program = fileURLToPath(
  new URL(`../../../native/build/${process.env['HEADCOUNT_NATIVE_BUILD'] ?? 'Release'}/hailort_decode_nms`, import.meta.url),
)

interface Order {
  /** As the chip packs it: of each class a count, then y1, x1, y2, x2, score of each box. */
  readonly answer: readonly number[]
  readonly classes?: number
  readonly most?: number
  readonly score?: number
  readonly iou?: number
  readonly only?: number
  /** x, y, width, height of the picture in the input. */
  readonly part?: readonly [number, number, number, number]
}

/** Values, six a box, or the code of the failure; one an order. */
function decodeAll(orders: readonly Order[]): (number[] | string)[] {
  const records = orders.map(({ answer, classes = 1, most = 2, score = Number.NaN, iou = Number.NaN, only = -1, part = [0, 0, 1, 1] }) => {
    const head = Buffer.alloc(56)
    head.writeUInt32LE(classes, 0)
    head.writeUInt32LE(most, 4)
    head.writeUInt32LE(answer.length, 8)
    head.writeFloatLE(score, 12)
    head.writeFloatLE(iou, 16)
    head.writeInt32LE(only, 20)
    for (const [index, value] of part.entries()) head.writeDoubleLE(value, 24 + 8 * index)
    return Buffer.concat([head, Buffer.from(new Float32Array(answer).buffer)])
  })
  const lines = execFileSync(program, { input: Buffer.concat(records), timeout: 60_000, maxBuffer: 1 << 26 })
  const decoded = lines.toString().trim().split('\n')
  assert.is(decoded.length, orders.length)
  return decoded.map((line) => JSON.parse(line) as number[] | string)
}

function decode(order: Order): number[] | string {
  return decodeAll([order])[0] ?? []
}

/** Rounded, so that 32-bit values can be compared with what was written. */
function boxes(values: number[] | string): number[][] {
  if (typeof values === 'string') throw new Error(`not decoded: ${values}`)
  const rounded = values.map((value) => Number(value.toFixed(6)))
  return Array.from({ length: rounded.length / 6 }, (_, index) => rounded.slice(6 * index, 6 * index + 6))
}

const test = suite('NMS output')

test('gives the boxes of all classes, strongest first, x before y', () => {
  const answer = [1, 0.2, 0.1, 0.4, 0.3, 0.6, 0, 2, 0.6, 0.5, 0.8, 0.7, 0.9, 0, 0, 1, 1, 0.5]
  assert.equal(boxes(decode({ answer, classes: 3 })), [
    [0.5, 0.6, 0.7, 0.8, 0.9, 2],
    [0.1, 0.2, 0.3, 0.4, 0.6, 0],
    [0, 0, 1, 1, 0.5, 2],
  ])
})

test('an answer without boxes is nobody, and what lies behind it does not matter', () => {
  assert.equal(decode({ answer: [0, 0], classes: 2 }), [])
  assert.equal(decode({ answer: [0, 0, Number.NaN, -1, 7], classes: 2 }), [])
})

test('a count that cannot be is a corrupt answer, never nobody', () => {
  const box = [0.1, 0.1, 0.2, 0.2, 0.9]
  const counts = [-1, -0.5, 0.5, 1.5, 3, 1100, 1e30, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const count of counts) assert.is(decode({ answer: [count, ...box, ...box, ...box] }), 'OUTPUT_CORRUPT', `${count}`)
})

test('an answer that ends inside its boxes or before its last class is corrupt', () => {
  const whole = [2, 0.1, 0.1, 0.2, 0.2, 0.9, 0.3, 0.3, 0.4, 0.4, 0.8, 0]
  assert.is(decode({ answer: whole, classes: 2 }).length, 12)
  for (let length = 0; length < whole.length; length++) {
    assert.is(decode({ answer: whole.slice(0, length), classes: 2 }), 'OUTPUT_CORRUPT', `${length} values`)
  }
})

test('a box or a score that is not finite is corrupt, in a class that nobody asked for too', () => {
  for (let at = 1; at < 6; at++) {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const answer = [1, 0.1, 0.1, 0.2, 0.2, 0.9]
      answer[at] = wrong
      assert.is(decode({ answer }), 'OUTPUT_CORRUPT')
      assert.is(decode({ answer: [...answer, 0], classes: 2, only: 1, score: 0.95 }), 'OUTPUT_CORRUPT')
    }
  }
})

test('random answers give boxes in the picture or a failure, and nothing else', () => {
  const bits = new Uint32Array(41)
  const orders = Array.from({ length: 2_000 }, (_, round) => {
    for (let at = 0; at < bits.length; at++) bits[at] = Math.random() * 2 ** 32
    const answer = [...new Float32Array(bits.buffer)].slice(0, round % 42)
    if (round % 2 === 0 && answer.length > 0) answer[0] = round % 8
    return { answer, classes: 1 + (round % 3), most: 7 }
  })
  for (const values of decodeAll(orders)) {
    if (typeof values === 'string') assert.is(values, 'OUTPUT_CORRUPT')
    else for (const box of boxes(values)) assert.ok(box.slice(0, 4).every((side) => side >= 0 && side <= 1))
  }
})

test('boxes are those of the picture: the letterbox is undone and what lies beside the picture is cut off', () => {
  const part = [0, 0.25, 1, 0.5] as const // a picture twice as wide as high, in the middle
  const inside = [0.35, 0.1, 0.6, 0.2, 0.9]
  const over = [0.1, 0.4, 0.9, 1.2, 0.8]
  assert.equal(boxes(decode({ answer: [2, ...inside, ...over], part })), [
    [0.1, 0.2, 0.2, 0.7, 0.9, 0],
    [0.4, 0, 1, 1, 0.8, 0],
  ])
})

test('a box of which nothing lies in the picture is left out', () => {
  const inTheBar = [0.05, 0.1, 0.2, 0.3, 0.9]
  const turnedRound = [0.6, 0.6, 0.4, 0.4, 0.9]
  assert.equal(decode({ answer: [2, ...inTheBar, ...turnedRound], part: [0, 0.25, 1, 0.5] }), [])
})

test('thresholds are applied here as a chip would: scores from the threshold on, overlaps within a class only', () => {
  const strong = [0.1, 0.1, 0.5, 0.5, 0.9]
  const covered = [0.1, 0.1, 0.5, 0.52, 0.8]
  const aside = [0.1, 0.6, 0.5, 0.9, 0.3]
  const answer = [3, ...covered, ...strong, ...aside, 1, ...covered]
  assert.equal(
    boxes(decode({ answer, classes: 2, most: 3, iou: 0.45 })).map(([, , , , score, id]) => [score, id]),
    [
      [0.9, 0],
      [0.8, 1],
      [0.3, 0],
    ],
  )
  const threshold = Math.fround(0.8)
  assert.equal(
    boxes(decode({ answer, classes: 2, most: 3, score: threshold })).map(([, , , , score]) => score),
    [0.9, 0.8, 0.8],
  )
})

test('overlaps are those in the input: what the letterbox cuts off does not make two people one', () => {
  // In the picture both would be the same box.
  const answer = [2, 0, 0.1, 0.3, 0.2, 0.9, 0.2, 0.1, 0.9, 0.2, 0.8]
  assert.is(boxes(decode({ answer, iou: 0.2, part: [0, 0.22, 1, 0.06] })).length, 2)
})

test('only the classes asked for are given', () => {
  const box = [0.1, 0.1, 0.2, 0.2, 0.9]
  const answer = [1, ...box, 1, ...box, 1, ...box]
  assert.equal(boxes(decode({ answer, classes: 3, only: 1 })), [[0.1, 0.1, 0.2, 0.2, 0.9, 1]])
  assert.equal(decode({ answer, classes: 3, only: 9 }), [])
})

test.run()
