import {
  agentAvailability,
  CONFIG,
  COUNT,
  DIAGNOSTIC,
  type Entity,
  type EntityParts,
  MEASUREMENT,
  PEOPLE,
  TOTAL,
  title,
} from './discovery-entities.ts'
import { EVENT_TYPES } from './events.ts'
import { COMMAND } from './topics.ts'

/** What discovery needs to know of a stream. */
export interface StreamFacts {
  readonly id: string
  readonly zones: readonly { readonly id: string }[]
  readonly lines: readonly { readonly id: string }[]
}

/** The availability of what needs the camera: `degraded` is neither of Home Assistant's words, and is there. */
export function streamAvailability(stream: string, topic: EntityParts['topic']): readonly object[] {
  return [
    ...agentAvailability(topic),
    { topic: topic(`${stream}/status`), value_template: "{{ 'online' if value == 'degraded' else value }}" },
  ]
}

/** All entities of a stream. */
export function streamEntities({ id, zones, lines }: StreamFacts, parts: EntityParts): readonly Entity[] {
  const { topic, published } = parts
  return [
    { key: 'count', ...PEOPLE, ...MEASUREMENT, ...COUNT, name: 'People', icon: 'mdi:account-group', state_topic: topic(`${id}/count`) },
    { key: 'occupied', p: 'binary_sensor', name: 'Occupied', device_class: 'occupancy', state_topic: topic(`${id}/occupied`) },
    {
      key: 'uniqueLastHour',
      ...PEOPLE,
      ...MEASUREMENT,
      name: 'People in the last hour',
      icon: 'mdi:account-clock',
      state_topic: topic(`${id}/state`),
      value_template: '{{ value_json.uniqueLastHour }}',
    },
    ...(published.has('zones') ? zones.flatMap((zone) => zoneEntities(id, zone.id, topic)) : []),
    ...(published.has('lines') ? lines.flatMap((line) => lineEntities(id, line.id, topic)) : []),
    ...(published.has('lines') && lines.length > 0 ? [resetTotals(id, topic)] : []),
    ...(published.has('events')
      ? [{ key: 'event', p: 'event', name: 'Event', event_types: EVENT_TYPES, state_topic: topic(`${id}/event`) } as const]
      : []),
    ...controls(id, topic),
    ...rates(id, topic),
  ]
}

function zoneEntities(stream: string, zone: string, topic: EntityParts['topic']): Entity[] {
  const dwell = (field: string) => ({
    p: 'sensor' as const,
    device_class: 'duration',
    unit_of_measurement: 's',
    ...MEASUREMENT,
    state_topic: topic(`${stream}/state`),
    value_template: `{{ value_json.zones['${zone}'].${field} if '${zone}' in value_json.zones else None }}`,
  })
  return [
    {
      key: `zoneCount_${zone}`,
      ...PEOPLE,
      ...MEASUREMENT,
      ...COUNT,
      name: `${title(zone)} people`,
      state_topic: topic(`${stream}/zone/${zone}/count`),
    },
    { key: `zoneDwellMean_${zone}`, ...dwell('dwellMeanS'), name: `${title(zone)} dwell time` },
    { key: `zoneDwellP90_${zone}`, ...dwell('dwellP90S'), name: `${title(zone)} dwell time p90` },
  ]
}

/** Totals stay true while the camera is away: they are there as long as the agent is. */
function lineEntities(stream: string, line: string, topic: EntityParts['topic']): Entity[] {
  const total = { ...PEOPLE, ...TOTAL, availability: agentAvailability(topic) }
  const today = (field: string) => ({
    ...total,
    state_topic: topic(`${stream}/state`),
    value_template: `{{ value_json.lines['${line}'].${field} if '${line}' in value_json.lines else None }}`,
  })
  return [
    { key: `lineIn_${line}`, ...total, name: `${title(line)} in`, state_topic: topic(`${stream}/line/${line}/in`) },
    { key: `lineOut_${line}`, ...total, name: `${title(line)} out`, state_topic: topic(`${stream}/line/${line}/out`) },
    { key: `lineInToday_${line}`, ...today('inToday'), name: `${title(line)} in today` },
    { key: `lineOutToday_${line}`, ...today('outToday'), name: `${title(line)} out today` },
  ]
}

function resetTotals(stream: string, topic: EntityParts['topic']): Entity {
  return {
    key: 'resetTotals',
    p: 'button',
    ...CONFIG,
    name: 'Reset totals',
    icon: 'mdi:restore',
    availability: agentAvailability(topic),
    command_topic: topic(COMMAND),
    payload_press: JSON.stringify({ type: 'RESET_TOTALS', stream_id: stream }),
  }
}

/** They work while the stream is offline: that is what they are for. */
function controls(stream: string, topic: EntityParts['topic']): Entity[] {
  const availability = agentAvailability(topic)
  const command = (type: string) => JSON.stringify({ type, stream_id: stream })
  const command_topic = topic(COMMAND)
  return [
    {
      key: 'running',
      p: 'switch',
      name: 'Running',
      icon: 'mdi:cctv',
      availability,
      command_topic,
      payload_on: command('START'),
      payload_off: command('STOP'),
      state_topic: topic(`${stream}/running`),
      state_on: 'ON',
      state_off: 'OFF',
    },
    {
      key: 'restart',
      p: 'button',
      name: 'Restart',
      device_class: 'restart',
      availability,
      command_topic,
      payload_press: command('RESTART'),
    },
    {
      key: 'status',
      p: 'sensor',
      name: 'Status',
      ...DIAGNOSTIC,
      device_class: 'enum',
      options: ['online', 'degraded', 'offline'],
      availability,
      state_topic: topic(`${stream}/status`),
      json_attributes_topic: topic(`${stream}/state`),
      json_attributes_template:
        "{{ {'quality': value_json.quality, 'reason': value_json.reason, 'backend': value_json.backend} | tojson }}",
    },
  ]
}

function rates(stream: string, topic: EntityParts['topic']): Entity[] {
  const rate = {
    p: 'sensor',
    ...DIAGNOSTIC,
    ...MEASUREMENT,
    state_topic: topic(`${stream}/state`),
    suggested_display_precision: 1,
  } as const
  return [
    { key: 'fps', ...rate, name: 'Detection rate', unit_of_measurement: 'fps', value_template: '{{ value_json.fps }}' },
    { key: 'bufferFps', ...rate, name: 'Camera rate', unit_of_measurement: 'fps', value_template: '{{ value_json.bufferFps }}' },
    {
      key: 'inferenceMs',
      ...rate,
      name: 'Inference time',
      device_class: 'duration',
      unit_of_measurement: 'ms',
      value_template: '{{ value_json.inferenceMs }}',
    },
  ]
}
