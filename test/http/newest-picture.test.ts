import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { newestPicture, type PictureState } from '../../agent/http/newest-picture.ts'

const test = suite('newest picture')
const running: PictureState = { head: 100, resultHead: 95, shown: 94, sinceResultMs: 30, resultPauseMs: 33 }

test('is the newest frame with a result', () => {
  assert.is(newestPicture(running), 95)
})

test('is none while the next result is on its way', () => {
  assert.is(newestPicture({ ...running, shown: 95 }), null)
})

test('is the newest frame without boxes when results stay away', () => {
  assert.is(newestPicture({ ...running, shown: 95, sinceResultMs: 1_500 }), 100)
  assert.is(newestPicture({ ...running, shown: 100, sinceResultMs: 1_500 }), null)
})

test('waits longer for a detector that is slow by nature', () => {
  const slow = { ...running, shown: 95, resultPauseMs: 900 }
  assert.is(newestPicture({ ...slow, sinceResultMs: 1_500 }), null)
  assert.is(newestPicture({ ...slow, sinceResultMs: 3_000 }), 100)
})

test('goes back to frames with boxes when results catch up', () => {
  assert.is(newestPicture({ ...running, resultHead: 99, shown: 100 }), null)
  assert.is(newestPicture({ ...running, resultHead: 101, head: 104, shown: 100 }), 101)
})

test.run()
