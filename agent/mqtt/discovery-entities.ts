import { COMMAND, MOST_INSIDE, STATS } from './topics.ts'

/**
 * One entity of Home Assistant as device-based discovery takes it, but for its unique id, whose last part is `key`: a word without `_`, or
 * one with a capital letter in it and the id of a zone, line or area behind it. No id of ours has capitals, so no two entities of a node
 * can get the same unique id. `p` is its platform.
 */
export interface Entity {
  readonly key: string
  readonly p: 'sensor' | 'binary_sensor' | 'switch' | 'button' | 'event' | 'number'
  readonly name: string
  readonly [option: string]: unknown
}

/** What of a stream or agent may be counted beside people in view; only what is published gets entities. */
export type Published = 'zones' | 'lines' | 'areas' | 'events'

export interface EntityParts {
  /** The whole name of a topic of the node. */
  readonly topic: (suffix: string) => string
  readonly published: ReadonlySet<Published>
}

/** Options that entities share. */
export const CONFIG = { entity_category: 'config' } as const
export const DIAGNOSTIC = { entity_category: 'diagnostic' } as const
export const PEOPLE = { p: 'sensor', unit_of_measurement: 'people' } as const
export const MEASUREMENT = { state_class: 'measurement' } as const
export const TOTAL = { state_class: 'total_increasing' } as const
/** Home Assistant reads the word of a template's None as "unknown"; our own word would be an error of a numeric sensor. */
export const COUNT = { value_template: "{{ value if value != 'unknown' else None }}" } as const

/** The availability of what does not depend on a camera: the agent is there. */
export function agentAvailability(topic: EntityParts['topic']): readonly object[] {
  return [{ topic: topic('status') }]
}

/** All entities of the agent itself: how its machine and its NPU do, and the areas. */
export function agentEntities(
  { npu, areas }: { npu: boolean; areas: readonly { readonly id: string }[] },
  parts: EntityParts,
): readonly Entity[] {
  const { topic, published } = parts
  const stat = { p: 'sensor', ...DIAGNOSTIC, ...MEASUREMENT, state_topic: topic(STATS), suggested_display_precision: 1 } as const
  return [
    {
      key: 'temperature',
      ...stat,
      name: 'Temperature',
      device_class: 'temperature',
      unit_of_measurement: '°C',
      value_template: '{{ value_json.temperatures.values() | max if value_json.temperatures else None }}',
    },
    {
      key: 'load',
      ...stat,
      name: 'CPU load',
      unit_of_measurement: '%',
      value_template: '{{ (value_json.cpu.load * 100) | round(1) if value_json.cpu.load is not none else None }}',
    },
    {
      key: 'historyProblem',
      p: 'binary_sensor',
      ...DIAGNOSTIC,
      name: 'History',
      device_class: 'problem',
      state_topic: topic(STATS),
      value_template: "{{ 'OFF' if value_json.history.fault is none else 'ON' }}",
    },
    ...(npu ? npuEntities(stat) : []),
    ...(published.has('areas') ? areas.flatMap(({ id }) => areaEntities(id, topic)) : []),
  ]
}

/** People inside, and two ways to put the number right: say it, or say that nobody is there. */
function areaEntities(area: string, topic: EntityParts['topic']): Entity[] {
  const state = { ...COUNT, state_topic: topic(`area/${area}/inside`), unit_of_measurement: 'people' }
  const command = { type: 'SET_INSIDE', area }
  return [
    { key: `areaInside_${area}`, p: 'sensor', ...MEASUREMENT, ...state, name: `${title(area)} inside` },
    {
      key: `areaSet_${area}`,
      p: 'number',
      ...CONFIG,
      ...state,
      name: `${title(area)} set inside`,
      icon: 'mdi:counter',
      command_topic: topic(COMMAND),
      command_template: `{{ {'type': 'SET_INSIDE', 'area': '${area}', 'value': value | int} | tojson }}`,
      min: 0,
      max: MOST_INSIDE,
      step: 1,
      mode: 'box',
    },
    {
      key: `areaEmpty_${area}`,
      p: 'button',
      ...CONFIG,
      name: `${title(area)} is empty now`,
      icon: 'mdi:account-off',
      command_topic: topic(COMMAND),
      payload_press: JSON.stringify({ ...command, value: 0 }),
    },
  ]
}

function npuEntities(stat: Omit<Entity, 'key' | 'name'> & { readonly p: 'sensor' }): Entity[] {
  const count = { ...stat, ...TOTAL, suggested_display_precision: 0 }
  const figure = (field: string) => ({ value_template: `{{ value_json.npu.${field} if value_json.npu else None }}` })
  return [
    {
      key: 'npuProblem',
      p: 'binary_sensor',
      ...DIAGNOSTIC,
      name: 'NPU',
      device_class: 'problem',
      state_topic: stat['state_topic'],
      value_template: "{{ ('OFF' if value_json.npu.rung is none else 'ON') if value_json.npu else None }}",
    },
    {
      key: 'npuTemperature',
      ...stat,
      name: 'NPU temperature',
      device_class: 'temperature',
      unit_of_measurement: '°C',
      ...figure('temperatureC'),
    },
    {
      key: 'npuUtilisation',
      ...stat,
      name: 'NPU utilisation',
      unit_of_measurement: '%',
      value_template:
        '{{ (value_json.npu.utilisation * 100) | round(1) if value_json.npu and value_json.npu.utilisation is not none else None }}',
    },
    { key: 'npuTimeouts', ...count, name: 'NPU timeouts', ...figure('timeouts') },
    { key: 'npuRecoveries', ...count, name: 'NPU recoveries', ...figure('recoveries') },
  ]
}

/** An id as a person reads it: `front_desk` is "Front desk". */
export function title(id: string): string {
  const words = id.replace(/[_-]+/g, ' ').trim()
  return words === '' ? id : words.charAt(0).toUpperCase() + words.slice(1)
}
