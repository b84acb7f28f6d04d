import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCommand } from '../../agent/mqtt/command.ts'
import { type DeviceConfig, type DiscoveryFacts, discoveryMessages, discoveryPayload, missingEntities } from '../../agent/mqtt/discovery.ts'
import { installationId, ownerOf, readDevice } from '../../agent/mqtt/discovery-owner.ts'
import { statsJson } from '../../agent/mqtt/stats.ts'
import { countText, STATS, stateMessages } from '../../agent/mqtt/topics.ts'
import { MACHINE, MUTE, ON_CPU, VITALS } from '../health/vitals-for-test.ts'
import { discoveryFacts } from './discovery-facts.ts'
import { renderCommand, renderPayload } from './discovery-template.ts'
import { discoveryFaults } from './discovery-validator.ts'
import { streamReport } from './stream-report.ts'

const test = suite('discovery')

const NODE = 'headcount/hallway'

/** The devices by id. */
function devices(changes: Partial<DiscoveryFacts> = {}): Record<string, DeviceConfig> {
  return Object.fromEntries(
    discoveryMessages(discoveryFacts(changes)).map(({ topic, config }) => [topic.split('/')[2] ?? '', config] as const),
  )
}

function entity(device: string, key: string): Record<string, unknown> {
  const found = devices()[device]?.cmps[key]
  if (!found) throw new Error(`${device} has no ${key}`)
  return found
}

/** What Home Assistant makes of a payload on the topic of an entity. */
function read(device: string, key: string, payloads: Readonly<Record<string, string>>): string {
  const { state_topic, value_template: template } = entity(device, key)
  const payload = payloads[String(state_topic)]
  if (payload === undefined) throw new Error(`nothing is said on ${String(state_topic)}`)
  return typeof template === 'string' ? renderPayload(template, payload) : payload
}

const EVERYTHING = {
  zones: {
    desk: { count: 2, dwellCount: 3, dwellMeanS: 4.5, dwellP90S: 9 },
    front_window: { count: 0, dwellCount: 3, dwellMeanS: 0, dwellP90S: 0 },
  },
  lines: { entrance: { in: 6, out: 1, inToday: 3, outToday: 0 } },
}

/** What the agent says of the stream "door", by whole topic. */
function said(changes: Parameters<typeof streamReport>[0] = {}): Record<string, string> {
  return Object.fromEntries(
    stateMessages('door', streamReport({ ...EVERYTHING, ...changes })).map(({ suffix, payload }) => [`${NODE}/${suffix}`, payload]),
  )
}

test('messages are what Home Assistant takes, however much there is to tell', () => {
  const ids = Array.from({ length: 32 }, (_, index) => ({ id: `${'x'.repeat(46)}${String(index).padStart(2, '0')}` }))
  const many = { id: 'y'.repeat(48), zones: ids, lines: ids }
  for (const facts of [
    {},
    { npu: false, published: new Set<never>() },
    { node: 'n'.repeat(48), streams: [many] },
    { streams: [], areas: [] },
  ])
    for (const { topic, config } of discoveryMessages(discoveryFacts(facts)))
      assert.equal(discoveryFaults({ topic, payload: discoveryPayload(config), retain: true }), [], topic)
})

test('has one device for the agent, and one for each stream that is reached through it', () => {
  const all = devices()
  assert.equal(Object.keys(all), ['headcount_hallway', 'headcount_hallway_door', 'headcount_hallway_yard'])
  assert.equal(
    Object.values(all).map(({ dev }) => [dev['name'], dev['via_device']]),
    [
      ['headcount hallway', undefined],
      ['hallway door', 'headcount_hallway'],
      ['hallway yard', 'headcount_hallway'],
    ],
  )
  assert.equal(all['headcount_hallway_door']?.o, { name: 'headcount', sw: '1.2.3' })
  assert.is(discoveryMessages(discoveryFacts({ discovery: 'ha/disc' }))[0]?.topic, 'ha/disc/device/headcount_hallway/config')
})

test('has an entity for everything that is published', () => {
  const all = devices()
  const names = (device: string) => Object.values(all[device]?.cmps ?? {}).map(({ p, name }) => `${p}: ${String(name)}`)
  assert.equal(names('headcount_hallway'), [
    'sensor: Temperature',
    'sensor: CPU load',
    'binary_sensor: History',
    'binary_sensor: NPU',
    'sensor: NPU temperature',
    'sensor: NPU utilisation',
    'sensor: NPU timeouts',
    'sensor: NPU recoveries',
    'sensor: Shop inside',
    'number: Shop set inside',
    'button: Shop is empty now',
  ])
  assert.equal(names('headcount_hallway_yard'), [
    'sensor: People',
    'binary_sensor: Occupied',
    'sensor: People in the last hour',
    'event: Event',
    'switch: Running',
    'button: Restart',
    'sensor: Status',
    'sensor: Detection rate',
    'sensor: Camera rate',
    'sensor: Inference time',
  ])
  assert.equal(names('headcount_hallway_door').slice(3, 14), [
    'sensor: Desk people',
    'sensor: Desk dwell time',
    'sensor: Desk dwell time p90',
    'sensor: Front window people',
    'sensor: Front window dwell time',
    'sensor: Front window dwell time p90',
    'sensor: Entrance in',
    'sensor: Entrance out',
    'sensor: Entrance in today',
    'sensor: Entrance out today',
    'button: Reset totals',
  ])
})

test('has no entity for what is not published, and none of an NPU that is not used', () => {
  const all = devices({ published: new Set(), npu: false })
  assert.equal(Object.keys(all['headcount_hallway']?.cmps ?? {}), ['temperature', 'load', 'historyProblem'])
  assert.equal(Object.keys(all['headcount_hallway_door']?.cmps ?? {}), Object.keys(all['headcount_hallway_yard']?.cmps ?? {}))
  assert.not.ok(JSON.stringify(all).includes('/event'))
})

test('names only topics that are published', () => {
  const topics = new Set([
    ...Object.keys(said()),
    `${NODE}/status`,
    `${NODE}/${STATS}`,
    `${NODE}/command`,
    `${NODE}/door/event`,
    `${NODE}/area/shop/inside`,
  ])
  const all = devices({ streams: discoveryFacts().streams.slice(0, 1) })
  const named = [...JSON.stringify(all).matchAll(/"(?:\w+_)?topic":"([^"]+)"/g)].map(([, topic = '']) => topic)
  assert.ok(named.length > 20)
  assert.equal(
    named.filter((topic) => !topics.has(topic)),
    [],
  )
})

test('gives every entity of a node a unique id of its own, whatever the ids', () => {
  const ids = ['a', 'count', 'zone', 'a_count', 'in', 'today', 'zonecount_a', '-', '_'].map((id) => ({ id }))
  const streams = ['door', 'door_zone', 'door_zone_a', 'door_count', 'door_buffer', 'door_', 'door__', 'event'].map((id) => ({
    id,
    zones: ids,
    lines: ids,
  }))
  const all = Object.values(devices({ streams, areas: ids })).flatMap(({ cmps }) => Object.values(cmps).map(({ unique_id }) => unique_id))
  assert.is(new Set(all).size, all.length)
  assert.is(entity('headcount_hallway_door', 'count')['unique_id'], 'headcount_hallway_door_count')
  assert.is(entity('headcount_hallway_door', 'zoneCount_desk')['unique_id'], 'headcount_hallway_door_zoneCount_desk')
})

test('Home Assistant reads what is known', () => {
  const door = (key: string) => read('headcount_hallway_door', key, said({ count: 3, occupied: true }))
  assert.equal(['count', 'occupied', 'running', 'status'].map(door), ['3', 'ON', 'ON', 'online'])
  assert.equal(['fps', 'bufferFps', 'inferenceMs', 'uniqueLastHour'].map(door), ['10', '30', '81.2', '0'])
  assert.equal(['zoneCount_desk', 'zoneDwellMean_desk', 'zoneDwellP90_desk'].map(door), ['2', '4.5', '9'])
  assert.equal(['lineIn_entrance', 'lineOut_entrance', 'lineInToday_entrance', 'lineOutToday_entrance'].map(door), ['6', '1', '3', '0'])
  const { json_attributes_template, json_attributes_topic } = entity('headcount_hallway_door', 'status')
  assert.is(
    renderPayload(String(json_attributes_template), said({ reason: 'camera lost' })[String(json_attributes_topic)] ?? ''),
    '{"quality":"live","reason":"camera lost","backend":"hog"}',
  )
})

test('Home Assistant reads None for what is not known, never 0 and never our own word', () => {
  const zones = { desk: { count: null, dwellCount: 0, dwellMeanS: null, dwellP90S: null } }
  const nothing = said({ count: null, occupied: null, inferenceMs: null, uniqueLastHour: null, zones })
  const door = (key: string) => read('headcount_hallway_door', key, nothing)
  for (const key of ['count', 'occupied', 'inferenceMs', 'uniqueLastHour', 'zoneCount_desk', 'zoneDwellMean_desk', 'zoneDwellP90_desk'])
    assert.is(door(key), 'None', key)
  // A zone that was configured a moment ago and has said nothing yet.
  assert.is(read('headcount_hallway_door', 'zoneDwellMean_front_window', nothing), 'None')
  assert.is(read('headcount_hallway_door', 'lineInToday_entrance', said({ lines: {} })), 'None')
  // A line whose totals could not be read yet.
  const untold = said({ lines: { entrance: { in: null, out: null, inToday: null, outToday: null } } })
  for (const key of ['lineInToday_entrance', 'lineOutToday_entrance']) assert.is(read('headcount_hallway_door', key, untold), 'None', key)
})

test('Home Assistant reads the people inside an area, and None while nobody knows', () => {
  const inside = (count: number | null) =>
    ['areaInside_shop', 'areaSet_shop'].map((key) => read('headcount_hallway', key, { [`${NODE}/area/shop/inside`]: countText(count) }))
  assert.equal([0, 7, 1_000_000, null].map(inside), [
    ['0', '0'],
    ['7', '7'],
    ['1000000', '1000000'],
    ['None', 'None'],
  ])
})

test('what Home Assistant sends is a command that is understood', () => {
  const understood = (payload: unknown) => {
    const parsed = parseCommand(Buffer.from(String(payload)), { allowLocalSources: false })
    return 'command' in parsed ? parsed.command : parsed.fault
  }
  const { command_topic, command_template, min, max } = entity('headcount_hallway', 'areaSet_shop')
  assert.is(command_topic, `${NODE}/command`)
  for (const value of [Number(min), 3, Number(max)])
    assert.equal(understood(renderCommand(String(command_template), value)), { type: 'SET_INSIDE', area: 'shop', value })
  assert.equal(understood(entity('headcount_hallway', 'areaEmpty_shop')['payload_press']), { type: 'SET_INSIDE', area: 'shop', value: 0 })
  const door = (key: string, option: string) => understood(entity('headcount_hallway_door', key)[option])
  assert.equal(door('resetTotals', 'payload_press'), { type: 'RESET_TOTALS', stream: 'door', line: null })
  assert.equal(door('restart', 'payload_press'), { type: 'RESTART', stream: 'door' })
  assert.equal(door('running', 'payload_on'), { type: 'START', stream: 'door', changes: {} })
  assert.equal(door('running', 'payload_off'), { type: 'STOP', stream: 'door' })
})

test('there is nothing to reset where nothing is totalled', () => {
  assert.not.ok('resetTotals' in (devices()['headcount_hallway_yard']?.cmps ?? {}))
  assert.not.ok('resetTotals' in (devices({ published: new Set() })['headcount_hallway_door']?.cmps ?? {}))
})

const FULL = { code: 'HISTORY_UNWRITABLE', message: 'The disk is full.', remedy: 'Free some space.' } as const

test('Home Assistant reads the figures of machine and NPU, and None where there are none', () => {
  const sample = { atMs: 0, secondsByPid: new Map<number, number>() }
  const keys = ['temperature', 'load', 'historyProblem', 'npuProblem', 'npuTemperature', 'npuUtilisation', 'npuTimeouts', 'npuRecoveries']
  const agent = (parts: Parameters<typeof statsJson>[0]) =>
    keys.map((key) => read('headcount_hallway', key, { [`${NODE}/${STATS}`]: statsJson(parts, null, sample) }))
  assert.equal(agent({ ts: 1, machine: MACHINE, vitals: VITALS, historyFault: null }), [
    '51.2',
    '12.3',
    'OFF',
    'OFF',
    '54.3',
    '61.8',
    '2',
    '1',
  ])
  assert.equal(
    agent({ ts: 1, machine: MUTE, vitals: ON_CPU, historyFault: FULL }),
    keys.map((key) => (key === 'historyProblem' ? 'ON' : 'None')),
  )
  assert.equal(agent({ ts: 1, machine: { ...MACHINE, temperatures: {} }, vitals: ON_CPU, historyFault: null })[0], 'None')
  // The NPU is known but tells nothing, as while it is down.
  const down = { ...VITALS, detection: { ...VITALS.detection, npu: null, npuRung: 'degraded' as const } }
  assert.equal(agent({ ts: 1, machine: MACHINE, vitals: down, historyFault: null }).slice(3), ['ON', 'None', 'None', 'None', 'None'])
})

test('what needs the camera is there while agent and camera are, degraded or not', () => {
  const { availability, availability_mode } = devices()['headcount_hallway_door'] ?? {}
  assert.is(availability_mode, 'all')
  assert.equal(
    availability?.map((each) => (each as { topic: string }).topic),
    [`${NODE}/status`, `${NODE}/door/status`],
  )
  const { value_template } = { value_template: '', ...availability?.[1] }
  const state = (payload: string) => renderPayload(value_template, payload)
  assert.equal(['online', 'degraded', 'offline', ''].map(state), ['online', 'online', 'offline', ''])
  for (const key of ['count', 'occupied', 'zoneCount_desk', 'fps'])
    assert.is(entity('headcount_hallway_door', key)['availability'], undefined)
})

test('totals, status and controls are there without the camera', () => {
  for (const key of ['running', 'restart', 'status', 'lineIn_entrance', 'lineOutToday_entrance', 'resetTotals'])
    assert.equal(entity('headcount_hallway_door', key)['availability'], [{ topic: `${NODE}/status` }], key)
})

test('an id cannot break out of a template or a command', () => {
  const { payload_on, payload_off } = entity('headcount_hallway_door', 'running')
  assert.equal(JSON.parse(String(payload_on)), { type: 'START', stream_id: 'door' })
  assert.equal(JSON.parse(String(payload_off)), { type: 'STOP', stream_id: 'door' })
  assert.equal(JSON.parse(String(entity('headcount_hallway_door', 'restart')['payload_press'])), { type: 'RESTART', stream_id: 'door' })
})

test('entities that are gone are taken away by name', () => {
  const before = devices()['headcount_hallway_door']
  const after = devices({ published: new Set(['lines', 'events']) })['headcount_hallway_door']
  if (!before || !after) throw new Error('no device')
  const removed = missingEntities(before.cmps, after.cmps)
  assert.equal(
    [...removed.keys()].filter((key) => key.endsWith('desk')),
    ['zoneCount_desk', 'zoneDwellMean_desk', 'zoneDwellP90_desk'],
  )
  const payload = discoveryPayload(after, removed)
  assert.equal((JSON.parse(payload) as DeviceConfig).cmps['zoneCount_desk'], { p: 'sensor' })
  assert.equal(discoveryFaults({ topic: 'homeassistant/device/headcount_hallway_door/config', payload, retain: true }), [])
  // One that is only named to be taken away is not missed again.
  assert.is(missingEntities((JSON.parse(payload) as DeviceConfig).cmps, after.cmps).size, 0)
})

test('a device is ours by its status topic, not by its name', () => {
  const me = { prefix: 'headcount', node: 'a', installation: 'me' }
  const found = (facts: Partial<DiscoveryFacts>, device: string) => {
    const config = devices(facts)[device]
    const read = readDevice(Buffer.from(config ? discoveryPayload(config) : ''))
    return read && ownerOf(read, me)
  }
  const streams = [{ id: 'b', zones: [], lines: [] }]
  assert.is(found({ node: 'a', streams }, 'headcount_a_b'), 'ours')
  assert.is(found({ node: 'a_b' }, 'headcount_a_b'), 'foreign')
  assert.is(found({ node: 'a', prefix: 'other' }, 'headcount_a'), 'foreign')
  assert.is(found({ node: 'old', installation: 'me' }, 'headcount_old'), 'former')
})

test('what is no device of any headcount is nobody’s', () => {
  const mine = devices()['headcount_hallway_door']
  const changed = (changes: object) => readDevice(Buffer.from(JSON.stringify({ ...mine, ...changes })))
  assert.ok(changed({}))
  assert.is(changed({ o: { name: 'zigbee2mqtt' } }), null)
  assert.is(changed({ availability: [] }), null)
  assert.is(changed({ availability: [{ topic: '#/status' }] }), null)
  assert.is(changed({ availability: [{ topic: 'headcount/hallway/command' }] }), null)
  assert.is(changed({ cmps: { a: 3 } }), null)
  for (const payload of ['', '{', 'null', '[]', '"x"', '\u0000', '{"o":null}']) assert.is(readDevice(Buffer.from(payload)), null)
})

test('an installation keeps its name, and two on one machine have two', () => {
  assert.is(installationId('m', '/a'), installationId('m', '/a'))
  assert.is.not(installationId('m', '/a'), installationId('m', '/b'))
  assert.is.not(installationId('m', '/a'), installationId('n', '/a'))
  assert.match(installationId('m', '/a'), /^[0-9a-f]{12}$/)
})

test.run()
