import { statSync } from 'node:fs'
import type { RingGeometry } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { defaultRuntimeFolder } from '../../agent/ring/default-folder.ts'
import { assumedDetectorMs, frameBytes, liveSlotCount, losslessSlotCount, ringBytes } from '../../agent/ring/layout.ts'
import { temporaryRing } from './temporary-ring.ts'

const test = suite('ring layout')

test('a live ring is deep enough for the detector, between 8 and 64 slots', () => {
  assert.is(liveSlotCount(30, assumedDetectorMs('hailo')), 10)
  assert.is(liveSlotCount(30, assumedDetectorMs('onnx')), 13)
  assert.is(liveSlotCount(30, assumedDetectorMs('hog')), 25)
  assert.is(liveSlotCount(30, assumedDetectorMs('null:10')), 8)
  assert.is(liveSlotCount(1, 30), 8)
  assert.is(liveSlotCount(60, 3000), 64)
})

test('a lossless ring holds two batches and four frames more', () => {
  assert.is(losslessSlotCount(8), 20)
  assert.is(losslessSlotCount(1), 6)
})

test('the size foretold is the size of the file', () => {
  for (const wanted of [
    { maxWidth: 640, maxHeight: 480 },
    { maxWidth: 426, maxHeight: 240, slotCount: 7 },
    { maxWidth: 854, maxHeight: 480, format: 'RGB3' },
    { maxWidth: 2, maxHeight: 2, slotCount: 64 },
  ] satisfies Partial<RingGeometry>[]) {
    using made = temporaryRing(wanted)
    assert.is(ringBytes(made.ring.geometry), statSync(made.path).size)
  }
  assert.is(frameBytes({ format: 'I420', width: 426, height: 240 }), 153_360)
})

test('the runtime folder is the one named, then that of systemd, of the session, of the user', () => {
  const folder = (env: Record<string, string>, exists = true) => defaultRuntimeFolder({ env, uid: 1000, exists: () => exists })
  const session = { XDG_RUNTIME_DIR: '/run/user/1000' }
  const systemd = { RUNTIME_DIRECTORY: '/run/headcount:/run/other' }
  assert.is(folder({ HEADCOUNT_RUNTIME_DIR: '/dev/shm/mine', ...systemd, ...session }), '/dev/shm/mine')
  assert.is(folder({ ...systemd, ...session }), '/run/headcount')
  assert.is(folder(session), '/run/user/1000/headcount')
  assert.is(folder(session, false), '/dev/shm/headcount-1000')
  assert.is(folder({ HEADCOUNT_RUNTIME_DIR: '' }), '/dev/shm/headcount-1000')
})

test.run()
