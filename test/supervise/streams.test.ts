import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseStream } from '../../agent/config/parse-stream.ts'
import type { FrameReport } from '../../agent/engine/messages.ts'
import { monotonicMs } from '../../agent/ring/monotonic.ts'
import { eventually } from '../support/eventually.ts'
import { streamsWithoutSource } from './streams-without-source.ts'

const DOOR = parseStream({ id: 'door', source: 'test' })

const test = suite('the streams of an agent')

test('a stream that is changed while it restarts goes on running', async () => {
  const { streams, refuse } = streamsWithoutSource()
  const stream = streams.add(DOOR)
  const restarted = stream.restart()
  assert.ok(stream.running)
  const replaced = streams.replace({ ...DOOR, detectFps: 5 })
  refuse()
  await restarted
  assert.ok((await replaced).running)
  assert.is(streams.get('door')?.detectFps, 5)
  await streams[Symbol.asyncDispose]()
})

test('a stream that is stopped while it restarts is stopped, and one that is changed then is not started', async () => {
  const { streams, refuse, told } = streamsWithoutSource()
  const stream = streams.add(DOOR)
  const orders = [stream.restart(), stream.stop()]
  refuse()
  await Promise.all(orders)
  assert.not(stream.running)
  assert.is(told.at(-1), 'stopped, offline')
  const replaced = await streams.replace(DOOR)
  assert.not(replaced.running)
  await streams[Symbol.asyncDispose]()
})

/** A stream of which a change is under way: its old capture is still there. */
function replacing({ running }: { running: boolean }) {
  const held = streamsWithoutSource()
  const { streams } = held
  streams.add(DOOR)
  const stopped = running ? Promise.resolve() : streams.stop('door')
  const replaced = streams.replace({ ...DOOR, detectFps: 5 })
  return { ...held, stopped, replaced }
}

for (const order of ['start', 'restart'] as const) {
  test(`${order} while a stopped stream is changed is for the new one`, async () => {
    const { streams, refuse, stopped, replaced } = replacing({ running: false })
    const ordered = streams[order]('door')
    refuse()
    await Promise.all([stopped, ordered])
    // What is answered then is true.
    assert.equal([streams.get('door')?.running, streams.get('door')?.detectFps], [true, 5])
    assert.is(await replaced, streams.get('door'))
    await streams[Symbol.asyncDispose]()
  })
}

for (const order of ['stop', 'stopAll'] as const) {
  test(`${order} while a running stream is changed is for the new one`, async () => {
    const { streams, refuse, replaced } = replacing({ running: true })
    const ordered = order === 'stop' ? streams.stop('door') : streams.stopAll()
    refuse()
    await ordered
    assert.equal([streams.get('door')?.running, streams.get('door')?.detectFps], [false, 5])
    assert.not((await replaced).running)
    await streams[Symbol.asyncDispose]()
  })
}

test('of several orders while a stream is changed the last counts', async () => {
  for (const [orders, running] of [
    [['stop', 'start', 'stop'], false],
    [['start', 'stopAll', 'restart'], true],
    [['restart', 'stopAll'], false],
  ] as const) {
    const { streams, refuse, replaced } = replacing({ running: true })
    const ordered = orders.map((order) => (order === 'stopAll' ? streams.stopAll() : streams[order]('door')))
    refuse()
    await Promise.all(ordered)
    assert.is((await replaced).running, running, orders.join(', '))
    await streams[Symbol.asyncDispose]()
  }
})

test('nothing starts any more when the agent ends while a stream is changed', async () => {
  const { streams, refuse, replaced } = replacing({ running: true })
  const ended = streams[Symbol.asyncDispose]()
  refuse()
  await ended
  assert.not((await replaced).running)
})

test('remembers who was stopped since a mark, one or all', async () => {
  const { streams, refuse } = streamsWithoutSource()
  refuse()
  for (const id of ['door', 'hall']) streams.add({ ...DOOR, id })
  const first = streams.mark
  await streams.stop('door')
  assert.equal([streams.stoppedSince(first, 'door'), streams.stoppedSince(first, 'hall')], [true, false])
  const second = streams.mark
  assert.not(streams.stoppedSince(second, 'door'))
  await streams.stopAll()
  assert.equal(
    ['door', 'hall', 'new'].map((id) => streams.stoppedSince(second, id)),
    [true, true, true],
  )
  await streams[Symbol.asyncDispose]()
})

test('what happened is dated by the picture that shows it, however long the detector took', async () => {
  const { streams, refuse, events } = streamsWithoutSource()
  const everywhere = {
    id: 'all',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ],
  }
  streams.add(parseStream({ id: 'door', source: 'test', zones: [everywhere] }))
  const someone = { id: 1, classId: 0, x1: 0.4, y1: 0.2, x2: 0.6, y2: 0.8, score: 0.9, confirmed: true, predicted: false }
  const seen = { stream: 'door', seq: 1, generation: 1, ptsNs: 0, resultMs: 0, inferenceUs: 0, predicted: false, tentative: false }
  const report: FrameReport = { ...seen, arrivedMs: monotonicMs() - 5_000, tracks: [someone] }
  const arrived = Date.now() - 5_000
  streams.see([report], 1)
  const [entered] = events
  assert.is(entered?.type, 'zone_enter')
  assert.ok(Math.abs((entered?.atMs ?? 0) - arrived) < 1_000, `${(entered?.atMs ?? 0) - arrived} ms after the picture`)
  refuse()
  await streams[Symbol.asyncDispose]()
})

test('says why a source cannot be had, and goes on trying', async () => {
  const { streams, refuse } = streamsWithoutSource()
  const stream = streams.add(DOOR)
  refuse()
  await eventually(() => stream.fault !== null, { what: 'a fault' })
  assert.equal([stream.running, stream.status, stream.fault?.code], [true, 'offline', 'SOURCE_MISSING'])
  assert.match(stream.view().reason ?? '', 'There is no test. Plug it in. [SOURCE_MISSING]')
  await streams[Symbol.asyncDispose]()
})

test.run()
