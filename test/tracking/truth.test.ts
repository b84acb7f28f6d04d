import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { peopleIn } from '../../agent/counting/person-count.ts'
import type { TrueFrame } from '../../agent/eval/truth.ts'
import { iou } from '../../agent/tracking/boxes.ts'
import type { DetectedBox } from '../../agent/tracking/track.ts'
import { Tracker } from '../../agent/tracking/tracker.ts'
import { truthOf } from '../support/truth.ts'
import { randomFrom } from './random.ts'

/** What a middling detector would make of the truth: 15 % missed, boxes trembling, one false box in ten. */
function detectorOf(random: () => number): (frame: TrueFrame) => DetectedBox[] {
  const noise = () => random() + random() + random() - 1.5
  return ({ boxes }) => {
    const found = boxes.flatMap(({ x1, y1, x2, y2 }): DetectedBox[] => {
      if (random() < 0.15) return []
      const width = x2 - x1
      const height = y2 - y1
      const dx = noise() * 0.08 * width
      const dy = noise() * 0.05 * height
      const score = random() < 0.2 ? 0.3 + random() * 0.3 : 0.6 + random() * 0.4
      return [{ x1: x1 + dx, y1: y1 + dy, x2: x2 + dx + noise() * 0.08 * width, y2: y2 + dy + noise() * 0.05 * height, score, classId: 0 }]
    })
    const x = random() * 0.9
    const y = random() * 0.7
    if (random() < 0.1 * boxes.length) found.push({ x1: x, y1: y, x2: x + 0.05, y2: y + 0.15, score: 0.5 + random() * 0.5, classId: 0 })
    return found
  }
}

/** Mean error of the count, and how often somebody got another id, over every `every`-th frame. */
function score(truth: readonly TrueFrame[], every: number) {
  const detect = detectorOf(randomFrom(10))
  const tracker = new Tracker({ scoreThreshold: 0.3, confirmFrames: 3, buffer: 30 })
  const idOf = new Map<number, number>()
  let frames = 0
  let error = 0
  let switches = 0
  for (const frame of truth.filter((_, index) => index % every === 0)) {
    const people = peopleIn(tracker.step(detect(frame), frame.ptsMs))
    if (frame.ambiguous) continue
    frames++
    error += Math.abs(people.length - frame.count)
    for (const [index, real] of frame.boxes.entries()) {
      const track = people.find((one) => iou(one, real) > 0.5)
      const person = frame.ids?.[index] ?? -1
      if (track === undefined) continue
      if (idOf.has(person) && idOf.get(person) !== track.id) switches++
      idOf.set(person, track.id)
    }
  }
  return { countMae: error / frames, switches, people: idOf.size }
}

const test = suite('tracker against truth')

test('counts a busy street through misses, trembling and false boxes', () => {
  const truth = truthOf('vtest')
  if (truth === null) return
  const { countMae, switches } = score(truth, 1)
  assert.ok(countMae < 0.35, `mean error of the count: ${countMae}`)
  assert.ok(switches < 80, `ids changed: ${switches}`)
})

test('counts it at three looks a second, as a CPU may give', () => {
  const truth = truthOf('vtest')
  if (truth === null) return
  const { countMae, switches } = score(truth, 3)
  assert.ok(countMae < 0.75, `mean error of the count: ${countMae}`)
  assert.ok(switches < 80, `ids changed: ${switches}`)
})

test('follows one person after the other', () => {
  const truth = truthOf('one-by-one-person-detection')
  if (truth === null) return
  const { countMae, switches } = score(truth, 1)
  assert.ok(countMae < 0.12, `mean error of the count: ${countMae}`)
  assert.ok(switches < 6, `ids changed: ${switches}`)
})

if (process.argv.includes('--figures')) {
  for (const [name, every] of [
    ['vtest', 1],
    ['vtest', 3],
    ['one-by-one-person-detection', 1],
  ] as const)
    process.stdout.write(`${name} every ${every}: ${JSON.stringify(score(truthOf(name) ?? [], every))}\n`)
}

test.run()
