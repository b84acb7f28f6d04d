import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { readCrossings } from '../../agent/eval/crossings-truth.ts'
import { readTruth, truthFps } from '../../agent/eval/truth.ts'
import { trueCrossingsOf, truthOf } from '../support/truth.ts'

const frame = (number: number, more: object = {}) => ({
  frame: number,
  ptsMs: number * 40,
  count: 1,
  boxes: [[0.1, 0.2, 0.3, 0.6, 0.9]],
  ids: [7],
  ...more,
})
const lines = (...frames: readonly object[]) => frames.map((one) => `${JSON.stringify(one)}\n`).join('')

/** What is wrong with this text, in words. */
function faultOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    assert.instance(error, AgentError)
    const { code, what, remedy } = error as AgentError
    assert.is(code, 'TRUTH_INVALID')
    assert.ok(remedy.length > 10)
    return what
  }
  return 'nothing'
}

const test = suite('truth files')

test('each frame has its boxes, its ids, and whether it is ambiguous', () => {
  const truth = readTruth(lines(frame(0), frame(1, { ambiguous: true }), frame(2, { count: 0, boxes: [], ids: [] })), 't.jsonl')
  assert.equal(truth[0], { frame: 0, ptsMs: 0, count: 1, boxes: [{ x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.6 }], ids: [7], ambiguous: false })
  assert.equal(
    truth.map(({ ambiguous }) => ambiguous),
    [false, true, false],
  )
  assert.is(truthFps(truth), 25)
})

test('the truth of the test clips can be read', () => {
  const street = truthOf('vtest')
  const oneByOne = street && truthOf('one-by-one-person-detection')
  if (oneByOne === null) return
  assert.is(street?.length, 795)
  assert.is(oneByOne.filter(({ ambiguous }) => ambiguous).length, 58)
})

test('empty lines, a byte order mark and the line ends of Windows do no harm; who is who may be left open', () => {
  const text = `\uFEFF${lines(frame(0, { ids: undefined }), frame(1, { ids: undefined }))}\n`.replaceAll('\n', '\r\n')
  assert.equal(
    readTruth(text, 't.jsonl').map(({ ids }) => ids),
    [null, null],
  )
})

test('what is wrong is told with its line', () => {
  const wrong: [text: string, says: RegExp][] = [
    ['', /^t\.jsonl tells of no frame/],
    [lines(frame(0)), /tells of one frame only/],
    [`${lines(frame(0))}{"frame":1,\n`, /^t\.jsonl, line 2 is not JSON/],
    [`${lines(frame(0))}null\n`, /^t\.jsonl, line 2: /],
    [lines(frame(0), frame(1, { boxes: undefined })), /line 2: "boxes"/],
    [lines(frame(0, { boxes: [[1, 2]] })), /line 1: "boxes\.0/],
    [lines(frame(0, { boxes: [[10, 20, 110, 220]] })), /line 1: "boxes\.0\.0"/],
    [lines(frame(0, { boxes: [[0.3, 0.2, 0.1, 0.6]] })), /line 1: "boxes\.0": x1 must be less than x2/],
    [lines(frame(0, { count: -1 })), /line 1: "count"/],
    [lines(frame(0, { count: '1' })), /line 1: "count"/],
    [lines(frame(0, { ids: [] })), /line 1: 0 ids for 1 boxes/],
    [lines(frame(0), frame(2)), /line 2 is of frame 2, but frame 1 is missing/],
    [lines(frame(1), frame(2)), /line 1 is of frame 1, but frame 0 is missing/],
    [lines(frame(0), frame(0, { ptsMs: 40 })), /line 2 is of frame 0 again/],
    [lines(frame(0), frame(1, { ptsMs: 0 })), /line 2: ptsMs 0 does not come after 0/],
  ]
  for (const [text, says] of wrong)
    assert.match(
      faultOf(() => readTruth(text, 't.jsonl')),
      says,
    )
})

const NAMES = { file: 'c.json', names: ['door', 'door-truth'] }
const crossings = (entry: object, name = 'door') => JSON.stringify({ [name]: { line: { x: 0.5 }, LtoR: 1, RtoL: 2, ...entry }, other: {} })

test('crossings are those of the clip by its name, or by that of its truth, or the only ones', () => {
  const events = [
    [9, 'R->L'],
    [3, 'L->R', 'far away'],
    [5, 'R->L'],
  ]
  const told = { x: 0.5, right: 1, left: 2, toleranceFrames: 10 }
  const inOrder = [
    { frame: 3, way: 'right' },
    { frame: 5, way: 'left' },
    { frame: 9, way: 'left' },
  ]
  assert.equal(readCrossings(crossings({ events }), NAMES), { ...told, events: inOrder })
  assert.equal(readCrossings(crossings({ toleranceFrames: 4 }, 'door-truth'), NAMES), { ...told, toleranceFrames: 4, events: null })
  const only = JSON.stringify({ elsewhere: { line: { x: 0.5 }, LtoR: 1, RtoL: 2 } })
  assert.is(readCrossings(only, NAMES).left, 2)
})

test('frames alone tell the way when everybody goes the same', () => {
  const ways = (entry: object) => readCrossings(crossings(entry), NAMES).events?.map(({ way }) => way)
  assert.equal(ways({ LtoR: 2, RtoL: 0, eventFrames: [4, 8] }), ['right', 'right'])
  assert.equal(ways({ LtoR: 0, RtoL: 1, eventFrames: [4] }), ['left'])
  assert.equal(ways({ eventFrames: [4, 8, 9] }), [null, null, null])
})

test('the crossings of the test clips can be read', () => {
  const street = trueCrossingsOf('vtest')
  const oneByOne = street && trueCrossingsOf('one-by-one-person-detection')
  if (street === null || oneByOne === null) return
  assert.equal([street.x, street.right, street.left, street.events?.length], [0.25, 5, 9, 14])
  assert.equal(oneByOne.events?.[0], { frame: 190, way: 'right' })
})

test('crossings that cannot be are refused', () => {
  const wrong: [text: string, says: RegExp][] = [
    ['[', /^c\.json is not JSON/],
    ['[1]', /^c\.json: /],
    [JSON.stringify({ a: {}, b: {} }), /tells nothing of "door"; it knows a, b/],
    [crossings({ line: { y: 0.5, orientation: 'horizontal' } }), /"door": "line\./],
    [crossings({ LtoR: undefined }), /"door": "LtoR"/],
    [crossings({ events: [[3, 'L->R']] }), /LtoR 1 and RtoL 2 are not the number of its events/],
    [crossings({ events: [[3, 'up']] }), /"events\.0\.1"/],
    [crossings({ eventFrames: [1, 2] }), /are not the number of its events/],
  ]
  for (const [text, says] of wrong)
    assert.match(
      faultOf(() => readCrossings(text, NAMES)),
      says,
    )
})

test.run()
