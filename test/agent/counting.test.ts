import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ScriptedBox } from 'hailort-node/simulated-hef'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { childrenOf, command, FRAME, json, order, startChain } from './chain.ts'

/* Somebody walks through the picture, again and again: from the left edge over the line in the middle into a zone, and out of the picture. */

const STEPS = 24
const ABSENT = 12
const WALK: readonly (readonly ScriptedBox[])[] = [
  ...Array.from({ length: STEPS }, (_, step): ScriptedBox[] => {
    const x = 0.05 + (0.85 * step) / (STEPS - 1)
    return [[x - 0.04, 0.35, x + 0.04, 0.65, 0.9, 0]]
  }),
  ...Array.from({ length: ABSENT }, () => []),
]
const HALL = {
  id: 'hall',
  source: 'test',
  frame: FRAME,
  lines: [{ id: 'middle', from: [0.5, 0], to: [0.5, 1] }],
  zones: [
    {
      id: 'right',
      polygon: [
        [0.6, 0],
        [1, 0],
        [1, 1],
        [0.6, 1],
      ],
    },
  ],
  detections: true,
}
const AREAS = [{ id: 'shop', entrances: ['hall/middle'] }]
const IN = 'headcount/rig/hall/line/middle/in'
const OUT = 'headcount/rig/hall/line/middle/out'
const INSIDE = 'headcount/rig/area/shop/inside'
const EVENT = 'headcount/rig/hall/event'

interface Told {
  readonly event_type: string
  readonly id: string
  readonly ts: number
  readonly line?: string
  readonly zone?: string
  readonly dwellS?: number
}

const toldOf = (mqtt: MqttRecorder) => mqtt.of(EVENT).map((text) => JSON.parse(text) as Told)
const crossingsOf = (mqtt: MqttRecorder) => toldOf(mqtt).filter(({ event_type }) => event_type.startsWith('line_'))
const idsOf = (told: readonly Told[]) => new Set(told.map(({ id }) => id))
const atLeast = (least: number) => (text: string) => Number(text) >= least

/** Where history and token outlive agents. */
class StateFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<StateFolder> {
    return new StateFolder(await mkdtemp(join(tmpdir(), 'headcount-state-')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** The time zone where it is about noon: no test runs over midnight, when "today" begins. */
function noonHere(): string {
  const ahead = 12 - new Date().getUTCHours()
  // In these names the sign is the other way round.
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
}

const walking = () => SimulatedNpu.make({ detector: { kind: 'script', frames: WALK } })
const startHall = (url: string, npu: SimulatedNpu, stateDir?: string): Promise<AgentProcess> =>
  startChain(url, [HALL], {
    config: { areas: AREAS, detector: { backend: 'auto' }, history: { timeZone: noonHere() } },
    env: npu.env,
    ...(stateDir === undefined ? {} : { stateDir }),
  })

const test = suite('counting, the whole agent')

test('who crosses the line is counted, told once with an id, and is inside', async () => {
  await using npu = await walking()
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using agent = await startHall(broker.url, npu)
  await mqtt.until(IN, atLeast(2), 40_000)
  await mqtt.until(OUT, '0')
  await mqtt.until(INSIDE, atLeast(2))
  await eventually(() => toldOf(mqtt).some(({ event_type }) => event_type === 'zone_leave'), { what: 'somebody left the zone' })
  const kinds = new Set(toldOf(mqtt).map(({ event_type }) => event_type))
  for (const kind of ['line_in', 'zone_enter', 'zone_leave']) assert.ok(kinds.has(kind), `${kind} is not among ${[...kinds].join(', ')}`)
  assert.not.ok(kinds.has('line_out'))
  const left = toldOf(mqtt).find(({ event_type }) => event_type === 'zone_leave')
  assert.ok((left?.dwellS ?? 0) > 0 && left?.zone === 'right', JSON.stringify(left))
  assert.ok(mqtt.of('headcount/rig/hall/zone/right/count').includes('1'), 'somebody was in the zone')
  assert.is(idsOf(toldOf(mqtt)).size, toldOf(mqtt).length, 'each event has an id of its own')
  const { zones, lines, uniqueLastHour } = await agent.json<{
    zones: Record<string, { dwellCount: number }>
    lines: Record<string, { in: number; inToday: number }>
    uniqueLastHour: number
  }>('/api/streams/hall/state')
  assert.ok((zones['right']?.dwellCount ?? 0) >= 1)
  assert.ok((lines['middle']?.in ?? 0) >= 2 && lines['middle']?.in === lines['middle']?.inToday)
  assert.ok(uniqueLastHour >= 1)
  const boxes = mqtt.of('headcount/rig/hall/detections').map((text) => JSON.parse(text) as { stream_id: string; data: unknown[] })
  assert.ok(boxes.length > 10 && boxes.every(({ stream_id }) => stream_id === 'hall'))
  const [box] = boxes.find(({ data }) => data.length === 1)?.data ?? []
  const [[x1, y1, x2, y2], classId, confidence] = box as [[number, number, number, number], number, number]
  assert.ok([x1, y1, x2, y2].every(Number.isInteger), 'whole pixels')
  assert.ok(x1 < x2 && x2 <= FRAME.width && y1 < y2 && y2 <= FRAME.height)
  assert.is(classId, 0)
  assert.ok(confidence > 0.5 && confidence <= 1)
})

test('totals, people inside and ids go on after SIGKILL, and nobody is counted twice', async () => {
  await using npu = await walking()
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using state = await StateFolder.make()
  for (let life = 1; life <= 3; life++) {
    await using agent = await startHall(broker.url, npu, state.path)
    const before = Number(mqtt.last(IN) ?? 0)
    await mqtt.until(IN, atLeast(before + 2), 40_000)
    agent.process.kill('SIGKILL')
    await agent.exited()
  }
  await using agent = await startHall(broker.url, npu, state.path)
  await agent.json('/health')
  const known = Number(await mqtt.until(IN, atLeast(6), 40_000))
  const total = () => Number(mqtt.last(IN))
  const told = () => idsOf(crossingsOf(mqtt)).size
  // One that was lost or told twice would be so for ever; the last one may be told a little before or after the total says it.
  await eventually(() => told() >= known && (told() === total() || told() === total() + 1), {
    what: 'every crossing was told',
    withinMs: 40_000,
    log: () => `${told()} crossings told, the total says ${total()}`,
  })
  const numbers = mqtt.of(IN).map(Number)
  assert.equal(
    numbers,
    [...numbers].sort((a, b) => a - b),
    'the total never goes back',
  )
})

test('without a broker counting goes on, and its events come in order when it is back', async () => {
  await using npu = await walking()
  await using broker = await startBroker({ persistent: true })
  await using agent = await startHall(broker.url, npu)
  const crossed = async () => {
    const state = await agent.json<{ lines: Record<string, { in: number }> }>('/api/streams/hall/state')
    return state.lines['middle']?.in ?? 0
  }
  await eventually(async () => (await crossed()) >= 1, { what: 'somebody has crossed', withinMs: 40_000 })
  await broker.stop()
  const before = await crossed()
  await eventually(async () => (await crossed()) >= before + 3, { what: 'people cross without a broker', withinMs: 40_000 })
  await broker.start()
  await using mqtt = await recordMqtt(broker.url)
  await eventually(() => idsOf(crossingsOf(mqtt)).size >= 3, { what: 'the events of the gap came', withinMs: 40_000 })
  const times = crossingsOf(mqtt).map(({ ts }) => ts)
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
    'in order of their times',
  )
  await mqtt.until(IN, atLeast(before + 3))
})

test('SET_INSIDE and RESET_TOTALS are obeyed over MQTT and HTTP, and names that are not there are refused', async () => {
  await using npu = await SimulatedNpu.make({ detector: { kind: 'script', frames: [[]] } })
  await using broker = await startBroker()
  await using mqtt = await recordMqtt(broker.url)
  await using state = await StateFolder.make()
  {
    await using agent = await startHall(broker.url, npu, state.path)
    await mqtt.until(INSIDE, '0', 40_000)
    assert.is((await command(broker, mqtt, { type: 'SET_INSIDE', area: 'shop', value: 7 })).ok, true)
    await mqtt.until(INSIDE, '7')
    assert.is((await command(broker, mqtt, { type: 'SET_INSIDE', area: 'attic', value: 7 })).code, 'NOT_FOUND')
    assert.is((await command(broker, mqtt, { type: 'SET_INSIDE', area: 'shop', value: -1 })).code, 'BAD_REQUEST')
    assert.is((await command(broker, mqtt, { type: 'RESET_TOTALS', stream_id: 'hall', line: 'middle' })).ok, true)
    assert.is((await command(broker, mqtt, { type: 'RESET_TOTALS', stream_id: 'hall', line: 'edge' })).code, 'NOT_FOUND')
    assert.is((await command(broker, mqtt, { type: 'RESET_TOTALS', stream_id: 'cellar' })).code, 'NOT_FOUND')
    await order(agent, '/api/areas/shop/inside', json('POST', { value: 4 }))
    await mqtt.until(INSIDE, '4')
    assert.is((await agent.get('/api/areas/shop/inside', json('POST', { value: 1.5 }))).status, 400)
    await order(agent, '/api/streams/hall/totals/reset', json('POST', {}))
    // Nobody watches the entrance: who is inside is not known, whoever was.
    for (const pid of childrenOf(agent, 'engine')) process.kill(pid, 'SIGKILL')
    await mqtt.until(INSIDE, 'unknown')
    await mqtt.until(INSIDE, '4', 40_000)
  }
  await mqtt.until(INSIDE, 'unknown')
  await using again = await startHall(broker.url, npu, state.path)
  await again.json('/health')
  await mqtt.until(INSIDE, '4', 40_000)
})

test('a stream that is an entrance of an area is not removed', async () => {
  await using npu = await walking()
  await using broker = await startBroker()
  await using agent = await startHall(broker.url, npu)
  const refused = await agent.get('/api/streams/hall', { method: 'DELETE' })
  assert.is(refused.status, 422)
  assert.match(await refused.text(), /shop|entrances/)
  assert.is((await agent.get('/api/streams/hall')).status, 200)
})

test.run()
