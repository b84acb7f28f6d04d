import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { newStream, type StreamInput, type StreamState, type StreamView, stepStream, viewOf } from '../../agent/counting/stream-state.ts'
import type { Track } from '../../agent/tracking/track.ts'
import { randomFrom } from '../tracking/random.ts'

const settings = { detectFps: 10, lines: [], zones: [], exclude: [], occupancy: { onAfterMs: 200, offAfterMs: 5_000, minPersons: 1 } }

const person = (id: number, more: Partial<Track> = {}): Track => ({
  id,
  x1: 0.1,
  y1: 0.1,
  x2: 0.2,
  y2: 0.5,
  score: 0.9,
  classId: 0,
  confirmed: true,
  predicted: false,
  ...more,
})

/** A stream told of events at times of its own clock. */
class Told {
  state: StreamState = newStream
  nowMs = 10_000
  generation = 1
  epoch = 1

  tell(event: StreamInput): StreamView {
    this.state = stepStream(this.state, { ...event, nowMs: this.nowMs }, settings).state
    return this.view()
  }

  view(): StreamView {
    return viewOf(this.state, this.nowMs, settings)
  }

  wait(ms: number): StreamView {
    this.nowMs += ms
    return this.tell({ type: 'tick' })
  }

  frame(tracks: readonly Track[], { afterMs = 100, predicted = false, tentative = false } = {}): StreamView {
    this.nowMs += afterMs
    const arrivedMs = this.nowMs - 20
    const report = { generation: this.generation, arrivedMs, pictureMs: arrivedMs, inferenceUs: 15_000, predicted, tentative, tracks }
    return this.tell({ type: 'frame', report, epoch: this.epoch })
  }

  frames(count: number, tracks: readonly Track[]): StreamView {
    for (let frame = 0; frame < count; frame++) this.frame(tracks)
    return this.view()
  }
}

/** Capture and engine are there, two people in view. */
function running(): Told {
  const told = new Told()
  told.tell({ type: 'engineBack' })
  told.tell({ type: 'captureBack' })
  told.frames(5, [person(1), person(2)])
  return told
}

const test = suite('stream state')

test('knows nothing at first, and says why', () => {
  const told = new Told()
  const { quality, count, occupied, reason, ageMs, fps, inferenceMs, found } = told.view()
  assert.equal(
    { quality, count, occupied, ageMs, fps, inferenceMs, found },
    { quality: 'unknown', count: null, occupied: null, ageMs: null, fps: 0, inferenceMs: null, found: 0 },
  )
  assert.is(reason, 'starting')
  told.tell({ type: 'engineBack' })
  assert.is(told.tell({ type: 'captureBack' }).reason, 'waiting for the first inference')
})

test('says no number after a single look', () => {
  const told = new Told()
  told.tell({ type: 'engineBack' })
  told.tell({ type: 'captureBack' })
  assert.is(told.frame([person(1)]).count, null)
  const { quality, count, occupied } = told.frame([person(1)])
  assert.equal({ quality, count, occupied }, { quality: 'live', count: 1, occupied: true })
})

test('while nobody watches there is no number of people of the last hour: nobody knows who came', () => {
  const told = new Told()
  assert.is(told.view().uniqueLastHour, null)
  told.tell({ type: 'engineBack' })
  told.tell({ type: 'captureBack' })
  assert.is(told.frames(15, [person(1), person(2)]).uniqueLastHour, 2)
  assert.is(told.wait(2_500).uniqueLastHour, null, 'no fresh inference')
  assert.is(told.frames(5, [person(1), person(2)]).uniqueLastHour, 2)
  told.tell({ type: 'captureGone', reason: 'unplugged' })
  assert.is(told.wait(3_700_000).uniqueLastHour, null)
  told.tell({ type: 'captureBack' })
  assert.is(told.frames(5, []).uniqueLastHour, 0)
})

test('guesses are no looks: no number, nobody found, but a sign of life', () => {
  const told = new Told()
  told.tell({ type: 'engineBack' })
  told.tell({ type: 'captureBack' })
  for (const tracks of [[], [person(1)], [person(1)], []]) {
    const { quality, count, occupied, reason, found, ageMs } = told.frame(tracks, { tentative: true })
    assert.equal([quality, count, occupied, found, ageMs], ['unknown', null, null, 0, 20])
    assert.is(reason, 'finding out how large people are in this view')
  }
  assert.is(told.state.last?.atMs, told.nowMs, 'an engine that guesses is not silent')
  assert.is(told.frame([person(2)]).reason, 'waiting for a second inference')
  const { quality, count, found } = told.frame([person(2)])
  assert.equal([quality, count, found], ['live', 1, 1])
})

test('a guess after looks takes the number back', () => {
  const told = running()
  assert.is(told.frame([], { tentative: true }).count, null)
  assert.is(told.frame([person(1)]).count, null)
  assert.is(told.frame([person(1)]).count, 1)
})

test('counts confirmed people, bridged ones too, and nothing else', () => {
  const told = running()
  const crowd = [person(1), person(2, { predicted: true }), person(3, { confirmed: false }), person(4, { classId: 16 })]
  assert.is(told.frame(crowd).count, 2)
})

test('says nought when there is nobody', () => {
  const told = running()
  assert.is(told.frame([]).count, 2, 'one missed look changes nothing')
  assert.is(told.frames(3, []).count, 0)
  assert.is(told.view().quality, 'live')
  assert.is(told.view().occupied, true, 'slowly off')
  assert.is(told.frames(60, []).occupied, false)
})

test('is unknown at once when the capture is gone, and until a new picture was looked at twice', () => {
  const told = running()
  const gone = told.tell({ type: 'captureGone', reason: 'camera refused' })
  assert.equal([gone.quality, gone.count, gone.occupied, gone.reason], ['unknown', null, null, 'camera refused'])
  assert.is(told.frame([person(1)]).count, null, 'a last frame on its way')
  told.nowMs += 1_000
  assert.is(told.tell({ type: 'captureBack' }).count, null)
  told.generation = 2
  assert.is(told.frame([]).count, null)
  assert.is(told.frame([person(3)]).count, 1)
})

test('takes no frame for fresh that arrived before the capture was gone', () => {
  const told = running()
  told.tell({ type: 'captureGone', reason: 'cable' })
  const arrivedMs = told.nowMs - 50
  told.nowMs += 10
  told.tell({ type: 'captureBack' })
  for (let late = 0; late < 5; late++) {
    told.nowMs += 10
    told.tell({
      type: 'frame',
      epoch: 1,
      report: { generation: 1, arrivedMs, pictureMs: arrivedMs, inferenceUs: 1, predicted: false, tentative: false, tracks: [] },
    })
  }
  assert.is(told.view().count, null)
})

test('is unknown at once when the engine is gone; late words of it count nothing', () => {
  const told = running()
  assert.is(told.tell({ type: 'engineGone', reason: 'killed' }).count, null)
  assert.is(told.frame([]).count, null)
  told.tell({ type: 'engineBack' })
  assert.is(told.view().count, null)
  told.epoch = 2
  assert.is(told.frame([]).count, null)
  assert.is(told.frame([person(1)]).count, 1)
})

test('both gone: both must be back', () => {
  const told = running()
  told.tell({ type: 'captureGone', reason: 'cable' })
  told.tell({ type: 'engineGone', reason: 'killed' })
  told.nowMs += 1_000
  told.tell({ type: 'captureBack' })
  assert.is(told.view().reason, 'killed')
  told.tell({ type: 'engineBack' })
  assert.is(told.frames(3, [person(1)]).count, 1)
})

test('is stale while one inference is overdue, then unknown, and a moment later live again only at the second look', () => {
  const told = running()
  assert.is(told.wait(900).quality, 'live')
  const stale = told.wait(300)
  assert.equal([stale.quality, stale.count, stale.reason], ['stale', 2, 'inference overdue'])
  const unknown = told.wait(900)
  assert.equal([unknown.quality, unknown.count, unknown.reason], ['unknown', null, 'no fresh inference'])
  assert.is(told.frame([], { afterMs: 1_000 }).count, null, 'one look that finds nobody is not nobody there')
  assert.is(told.frames(2, [person(7)]).count, 1)
})

test('a slow detector is not overdue: three of its own intervals', () => {
  const told = running()
  for (let look = 0; look < 8; look++) told.frame([person(1)], { afterMs: 1_500 })
  assert.is(told.wait(2_900).quality, 'live')
  assert.is(told.wait(400).quality, 'stale')
  assert.is(told.wait(1_000).quality, 'stale')
  assert.is(told.wait(500).quality, 'unknown')
})

test('two looks make a count, however much time is let pass between them', () => {
  const told = new Told()
  told.tell({ type: 'engineBack' })
  told.tell({ type: 'captureBack' })
  for (let look = 0; look < 4; look++) {
    told.frame([person(1)], { afterMs: 250 })
    for (let tick = 0; tick < 5; tick++) told.wait(250)
    assert.is(told.view().count, look === 0 ? null : 1, `after look ${look + 1}: ${told.view().reason}`)
  }
})

test('predictions prove nothing about the world', () => {
  const told = running()
  for (let look = 0; look < 40; look++) told.frame([person(1), person(2)], { predicted: true })
  assert.is(told.view().count, null)
})

test('tells the age of the picture and the pace of inferences', () => {
  const told = running()
  told.frames(60, [person(1)])
  assert.is(told.view().ageMs, 20)
  assert.ok(Math.abs(told.view().fps - 10) < 0.3, `${told.view().fps}`)
  assert.is(told.view().inferenceMs, 15)
  assert.is(told.wait(6_000).fps, 0)
})

test('finds every person once, over restarts of engine and capture', () => {
  const told = running()
  assert.is(told.view().found, 2)
  told.frames(3, [person(2), person(3, { confirmed: false })])
  assert.is(told.view().found, 2)
  told.frames(3, [person(2), person(3)])
  assert.is(told.view().found, 3)
  told.tell({ type: 'engineGone', reason: 'killed' })
  told.tell({ type: 'engineBack' })
  told.epoch = 2
  assert.is(told.frames(3, [person(1)]).found, 4, 'a new engine numbers from one')
  told.generation = 2
  assert.is(told.frames(3, [person(5)]).found, 5)
})

test('stays small over a long time', () => {
  const told = running()
  for (let frame = 0; frame < 5_000; frame++) told.frame([person(frame)])
  assert.is(told.view().found, 5_000)
  assert.ok(told.state.found.counted.size < 1_000, `${told.state.found.counted.size} ids remembered`)
  assert.ok(told.state.pace.timesMs.length < 1_000)
})

test('whatever happens: no number without a fresh look by a living engine at a living camera', () => {
  const random = randomFrom(11)
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)] as T
  for (let round = 0; round < 200; round++) {
    const told = new Told()
    let capture = false
    let engine = false
    let freshMs = -Infinity
    let looks = 0
    for (let step = 0; step < 150; step++) {
      const what = pick(
        'frame',
        'frame',
        'frame',
        'frame',
        'wait',
        'captureGone',
        'captureBack',
        'captureBack',
        'engineGone',
        'engineBack',
        'engineBack',
      )
      if (what === 'wait') told.wait(random() * 3_000)
      else if (what === 'frame') {
        const predicted = random() < 0.2
        const tentative = random() < 0.1
        told.frame(tentative ? [] : [person(1)], { predicted, tentative })
        // Before the capture is said to be back its frames may come, but say nothing yet.
        if (engine && !predicted && tentative) looks = 0
        else if (engine && !predicted) {
          looks++
          freshMs = told.nowMs
        }
      } else {
        if (what === 'captureGone' || what === 'engineGone') {
          looks = 0
          freshMs = -Infinity
        }
        if (what === 'captureGone' || what === 'captureBack') capture = what === 'captureBack'
        else engine = what === 'engineBack'
        told.nowMs += 50
        told.tell({ type: what, reason: 'x' })
      }
      const { quality, count, occupied, reason } = told.view()
      assert.is(count === null, quality === 'unknown')
      assert.is(reason === null, quality === 'live')
      if (count === null) assert.is(occupied, null)
      else {
        assert.ok(capture && engine && looks >= 2, `step ${step} of round ${round}`)
        assert.ok(told.nowMs - freshMs <= 10_000)
        assert.is(count, 1, 'never a false nought')
      }
    }
  }
})

test.run()
