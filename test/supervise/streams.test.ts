import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseStream } from '../../agent/config/parse-stream.ts'
import { AgentError } from '../../agent/errors.ts'
import type { RingFiles } from '../../agent/ring/ring-files.ts'
import type { StreamParts } from '../../agent/supervise/stream.ts'
import { Streams } from '../../agent/supervise/streams.ts'
import { eventually } from '../support/eventually.ts'
import { keepLog } from './kept-log.ts'

const DOOR = parseStream({ id: 'door', source: 'test' })

/** Streams whose sources cannot be opened, but are waited for until `refuse` is called. */
function streamsWithoutSource() {
  let refuse: () => void = () => undefined
  const refused = new Promise<void>((resolve) => {
    refuse = resolve
  })
  const told: string[] = []
  const parts: StreamParts = {
    // Never reached: the source comes first.
    files: null as unknown as RingFiles,
    engine: { gone: null, doorbell: 0, detectorMs: 10, maxBatch: 1, attach: () => undefined, detach: () => undefined },
    doorbellsPath: '',
    viewersDoorbell: 0,
    captureEnv: {},
    flow: 'live',
    log: keepLog(),
    ending: new AbortController().signal,
    onChange: (stream) => told.push(`${stream.running ? 'running' : 'stopped'}, ${stream.status}`),
    onEvents: () => undefined,
    onDetections: () => undefined,
    openSource: async ({ source }) => {
      await refused
      throw new AgentError('SOURCE_MISSING', `There is no ${source}.`, { remedy: 'Plug it in.' })
    },
  }
  return { streams: new Streams(parts, () => undefined), refuse, told }
}

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
