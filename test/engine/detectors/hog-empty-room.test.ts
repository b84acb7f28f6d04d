import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HogDetector } from '../../../agent/engine/detectors/hog.ts'
import { dataFile } from '../../support/data.ts'
import { framesOf } from './clip-ring.ts'

const ORDER = {
  scoreThreshold: 0.3,
  hog: { people: 'auto', searchHeight: 'auto', stride: 8, scale: 1.05, hitThreshold: 'auto' },
} as const
/** What would start a track. */
const SURE = 0.6

const test = suite('hog in an empty room')

// The mirrored corridor is empty at first, and its walls look a little like people.
test('takes no thing for somebody before it ever saw anybody, and then finds who comes in', async () => {
  const clip = dataFile('videos/one-by-one-person-detection.mp4')
  if (clip === null) return
  await using detector = new HogDetector(ORDER)
  const seen: number[] = []
  for await (const { frame, ring, seq } of framesOf(clip, { width: 768, height: 432 }, { to: 69, every: 2, mirrored: true })) {
    const [result] = await detector.detect([{ stream: 'corridor', ring, seq }])
    if (result?.guess === false && result.boxes.some((box) => box.score >= SURE)) seen.push(frame)
  }
  assert.equal(
    seen.filter((frame) => frame < 63),
    [],
  )
  assert.ok(seen.length > 0, 'somebody came in')
})

test.run()
