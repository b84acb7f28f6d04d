import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CpuSample, coresBusy, cpuSample, statsJson } from '../../agent/mqtt/stats.ts'
import { StatsPublisher } from '../../agent/mqtt/stats-publisher.ts'
import { MACHINE, MUTE, ON_CPU, VITALS } from '../health/vitals-for-test.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { openSession } from './session-for-test.ts'

const test = suite('stats')

const PARTS = { ts: 1_700_000_000_000, machine: MACHINE, vitals: VITALS, historyFault: null }
const sample = (atMs: number, seconds: Readonly<Record<number, number>>): CpuSample => ({
  atMs,
  secondsByPid: new Map(Object.entries(seconds).map(([pid, value]) => [Number(pid), value])),
})

test('says exactly what is promised, with no more digits than mean something', () => {
  const before = sample(0, { 100: 4, 102: 3.456 })
  const now = cpuSample(VITALS.processes, 10_000)
  assert.equal(JSON.parse(statsJson(PARTS, before, now)), {
    ts: 1_700_000_000_000,
    cpu: { load: 0.123, cores: 4 },
    memory: { totalBytes: 8_000_000_000, availableBytes: 6_000_000_000 },
    temperatures: { 'cpu-thermal': 51.2 },
    disk: {
      state: { totalBytes: 32_000_000_000, availableBytes: 20_000_000_000 },
      rings: { totalBytes: 4_000_000_000, availableBytes: 3_900_000_000 },
    },
    npu: {
      deviceId: '0000:01:00.0',
      chip: 'Hailo-8L',
      firmwareVersion: '4.23.0',
      libraryVersion: '4.23.0',
      model: '/usr/share/hailo-models/yolov8n_h8l.hef',
      utilisation: 0.618,
      temperatureC: 54.3,
      batchFill: 0.75,
      queueAgeMs: 3.3,
      timeouts: 2,
      recoveries: 1,
      rung: null,
    },
    processes: [
      { title: 'headcount: agent', pid: 100, uptimeS: 60, restarts: 0, memoryBytes: 80_000_000, cpuSeconds: 6, coresBusy: 0.2 },
      { title: 'headcount: engine hailo', pid: null, uptimeS: 0, restarts: 3, memoryBytes: null, cpuSeconds: null, coresBusy: null },
      { title: 'headcount: capture door', pid: 102, uptimeS: 30, restarts: 1, memoryBytes: 45_000_000, cpuSeconds: 3.46, coresBusy: 0 },
    ],
    ringBytes: 1_843_200,
    history: { fault: null },
    stages: { wait: { p50Ms: 1.5, p99Ms: 4 }, inference: { p50Ms: 7.12, p99Ms: 9 } },
  })
})

test('says null for what is not known, never 0', () => {
  const told = JSON.parse(statsJson({ ...PARTS, machine: MUTE, vitals: ON_CPU }, null, sample(0, {}))) as Record<string, unknown>
  assert.equal(told['cpu'], { load: null, cores: 4 })
  assert.equal(told['memory'], { totalBytes: null, availableBytes: null })
  assert.equal([told['temperatures'], told['npu'], told['disk']], [null, null, { state: null, rings: null }])
  assert.equal(told['stages'], {})
})

test('tells of an NPU that is down what it counted, and of one that has just opened which it is', () => {
  const { detection } = VITALS
  const npuOf = (changes: Partial<typeof detection>) => {
    const text = statsJson({ ...PARTS, vitals: { ...VITALS, detection: { ...detection, ...changes } } }, null, sample(0, {}))
    return (JSON.parse(text) as { npu: Record<string, unknown> }).npu
  }
  const down = npuOf({ npuFacts: null, npuRung: 'respawn' })
  assert.equal([down['chip'], down['timeouts'], down['rung']], [null, 2, 'respawn'])
  const opened = npuOf({ npu: null })
  assert.equal([opened['chip'], opened['timeouts'], opened['utilisation']], ['Hailo-8L', null, null])
})

test('tells how busy a process was only when it was there all the time', () => {
  const now = sample(10_000, { 7: 5 })
  assert.is(coresBusy(7, sample(0, { 7: 0 }), now), 0.5)
  assert.is(coresBusy(7, null, now), null)
  assert.is(coresBusy(null, sample(0, { 7: 0 }), now), null)
  assert.is(coresBusy(8, sample(0, { 8: 1 }), now), null)
  assert.is(coresBusy(7, sample(0, { 8: 1 }), now), null)
  assert.is(coresBusy(7, sample(0, { 7: 9 }), now), null, 'another process has got its pid')
  assert.is(coresBusy(7, sample(10_000, { 7: 0 }), now), null, 'no time has passed')
})

test('tells a broker again and again, with QoS 0 and not retained, and how busy processes were from the second on', async () => {
  await using broker = await startBroker()
  const { session } = openSession({ url: broker.url })
  await using _ = session
  const heard: { text: string; qos: number }[] = []
  const client = await connectAsync(broker.url)
  try {
    client.on('message', (_topic, payload, { qos }) => heard.push({ text: String(payload), qos }))
    await client.subscribeAsync('headcount/door/stats', { qos: 1 })
    using _publisher = new StatsPublisher({ topics: session, read: async () => PARTS, everyMs: 20 })
    await eventually(() => heard.length >= 3, { what: 'three messages' })
    const busy = heard.map(({ text }) => (JSON.parse(text) as { processes: { coresBusy: number | null }[] }).processes[0]?.coresBusy)
    assert.equal(busy.slice(0, 2), [null, 0])
    assert.ok(heard.every(({ qos }) => qos === 0))
  } finally {
    await client.endAsync(true)
  }
  const late = await connectAsync(broker.url)
  try {
    const retained: string[] = []
    late.on('message', (topic) => retained.push(topic))
    await late.subscribeAsync('headcount/door/#')
    await eventually(() => retained.includes('headcount/door/status'), { what: 'what is retained has come' })
    assert.not.ok(retained.includes('headcount/door/stats'))
  } finally {
    await late.endAsync(true)
  }
})

test('reads nothing while there is no broker, and never twice at once', async () => {
  const said: string[] = []
  const topics = { online: false, pass: (suffix: string) => said.push(suffix) > 0 }
  let reads = 0
  let finish: (parts: typeof PARTS) => void = () => undefined
  const read = () => {
    reads++
    return new Promise<typeof PARTS>((resolve) => {
      finish = resolve
    })
  }
  using _publisher = new StatsPublisher({ topics, read, everyMs: 5 })
  await sleep(50)
  assert.is(reads, 0)
  topics.online = true
  await eventually(() => reads === 1, { what: 'it reads' })
  await sleep(50)
  assert.is(reads, 1)
  assert.equal(said, [])
  finish(PARTS)
  await eventually(() => reads === 2, { what: 'it reads again' })
  assert.equal(said, ['stats'])
})

test('says nothing more once it is closed, though it was reading', async () => {
  const said: string[] = []
  let finish: (parts: typeof PARTS) => void = () => undefined
  const reading = new Promise<typeof PARTS>((resolve) => {
    finish = resolve
  })
  let reads = 0
  const read = () => {
    reads++
    return reading
  }
  {
    using _publisher = new StatsPublisher({ topics: { online: true, pass: (suffix) => said.push(suffix) > 0 }, read, everyMs: 5 })
    await eventually(() => reads === 1, { what: 'it reads' })
  }
  finish(PARTS)
  await sleep(30)
  assert.equal([reads, said], [1, []])
})

test.run()
