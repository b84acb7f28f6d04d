import type { z } from 'zod'
import { SENSOR_CLASSES, SHARED, SHORT, SHORT_DEVICE, SHORT_ORIGIN } from './discovery-rules.ts'
import { PLATFORMS, type Root, root } from './discovery-schemas.ts'

type Tree = Record<string, unknown>

/** A message as a broker holds it. */
export interface HeldMessage {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

/** Everything that Home Assistant, or a person who reads its log, would mind about a message; empty: nothing. */
export function discoveryFaults({ topic, payload, retain }: HeldMessage, prefix = 'homeassistant'): string[] {
  const faults: string[] = []
  const end = topic.startsWith(`${prefix}/`) ? topic.slice(prefix.length) : ''
  if (!/^\/device(\/[a-zA-Z0-9_-]+){1,2}\/config$/.test(end)) faults.push(`topic: ${topic} is not a device's discovery topic`)
  if (!retain) faults.push('topic: it is not retained')
  if (payload === '') return faults // Removes the device.
  let raw: unknown
  try {
    raw = JSON.parse(payload)
  } catch {
    return [...faults, 'payload: is not JSON']
  }
  if (!isTree(raw)) return [...faults, 'payload: is not an object']
  const message = wholeMessage(raw, faults)
  const checked = root.safeParse(message)
  if (!checked.success) return [...faults, ...issues('', checked.error)]
  return [...faults, ...rootFaults(checked.data), ...componentFaults(checked.data)]
}

function rootFaults({ device, availability: list, availability_topic: single }: Root): string[] {
  const ids = typeof device.identifiers === 'string' ? [device.identifiers] : (device.identifiers ?? [])
  return [
    ...(ids.length === 0 && (device.connections ?? []).length === 0 ? ['device: has neither identifiers nor connections'] : []),
    ...(device.via_device !== undefined && ids.includes(device.via_device) ? ['device.via_device: is the device itself'] : []),
    ...(list !== undefined && single !== undefined ? ['availability: excludes availability_topic'] : []),
  ]
}

function componentFaults(message: Root): string[] {
  const faults: string[] = []
  const seen = new Set<unknown>()
  for (const [key, component] of Object.entries(message.components)) {
    const at = `components.${key}`
    const schema = PLATFORMS[String(component['platform'])]
    if (!schema) {
      faults.push(`${at}.platform: ${String(component['platform'])} is not one that headcount uses`)
      continue
    }
    if (Object.keys(component).length === 1) continue // Removes the entity.
    const shared = Object.fromEntries(
      SHARED.flatMap((option) => (usesShared(component, option) && message[option] !== undefined ? [[option, message[option]]] : [])),
    )
    const whole: Tree = { ...shared, ...component }
    const checked = schema.safeParse(whole)
    if (!checked.success) faults.push(...issues(`${at}.`, checked.error))
    faults.push(...entityFaults(whole, message.device.name).map((fault) => `${at}.${fault}`))
    if (component['unique_id'] !== undefined && seen.has(component['unique_id'])) faults.push(`${at}.unique_id: is that of another entity`)
    seen.add(component['unique_id'])
  }
  return faults
}

/** A root's topics go to platforms that have such a thing; what availability an entity names itself goes before the root's. */
function usesShared(component: Tree, option: (typeof SHARED)[number]): boolean {
  const platform = String(component['platform'])
  if (option === 'state_topic') return platform !== 'button'
  if (option === 'command_topic') return ['switch', 'button', 'number'].includes(platform)
  return true
}

function entityFaults(entity: Tree, deviceName: string | undefined): string[] {
  const { platform, name } = entity
  const faults = platform === 'sensor' ? sensorFaults(entity) : []
  if (entity['availability'] !== undefined && entity['availability_topic'] !== undefined)
    faults.push('availability: excludes availability_topic')
  if ((platform === 'sensor' || platform === 'binary_sensor') && entity['entity_category'] === 'config')
    faults.push(`entity_category: a ${platform} cannot be config`)
  if (typeof name === 'string' && deviceName && name.toLowerCase().startsWith(deviceName.toLowerCase()))
    faults.push('name: repeats the name of the device')
  if (entity['json_attributes_template'] !== undefined && entity['json_attributes_topic'] === undefined)
    faults.push('json_attributes_template: has no json_attributes_topic')
  if (platform === 'switch' && (entity['payload_on'] ?? 'ON') === (entity['payload_off'] ?? 'OFF'))
    faults.push('payload_off: is the same as payload_on')
  if (platform === 'number' && Number(entity['min'] ?? 1) >= Number(entity['max'] ?? 100)) faults.push('max: is not more than min')
  return faults
}

/** sensor.py: validate_sensor_state_and_device_class_config, and the warnings of the sensor platform about units and state classes. */
function sensorFaults(sensor: Tree): string[] {
  const { device_class: deviceClass, unit_of_measurement: unit, options } = sensor
  const stateClass = typeof sensor['state_class'] === 'string' ? sensor['state_class'] : undefined
  const faults: string[] = []
  const rule = typeof deviceClass === 'string' ? SENSOR_CLASSES[deviceClass] : undefined
  if (rule && rule.units === null && unit !== undefined) faults.push(`unit_of_measurement: ${String(deviceClass)} has none`)
  if (rule?.units && !rule.units.includes(String(unit)))
    faults.push(`unit_of_measurement: ${String(unit)} is not one of ${String(deviceClass)}`)
  if (rule && stateClass !== undefined && !rule.stateClasses.includes(stateClass))
    faults.push(`state_class: ${stateClass} does not go with ${String(deviceClass)}`)
  if (options !== undefined && deviceClass !== 'enum') faults.push('options: need device_class enum')
  if (deviceClass === 'enum' && options === undefined) faults.push('options: are missing')
  if (options !== undefined && (stateClass !== undefined || unit !== undefined))
    faults.push('options: exclude state_class and unit_of_measurement')
  if (sensor['last_reset_value_template'] !== undefined && stateClass !== 'total')
    faults.push('last_reset_value_template: needs state_class total')
  return faults
}

/** The message with long names only, at every level. */
function wholeMessage(raw: Tree, faults: string[]): Tree {
  const message = longNames(raw, SHORT, '', faults)
  for (const [level, names] of [
    ['device', SHORT_DEVICE],
    ['origin', SHORT_ORIGIN],
  ] as const)
    if (isTree(message[level])) message[level] = longNames(message[level], names, `${level}.`, faults)
  if (isTree(message['components']))
    message['components'] = Object.fromEntries(
      Object.entries(message['components']).map(([key, component]) => [
        key,
        isTree(component) ? withAvailability(longNames(component, SHORT, `components.${key}.`, faults), faults) : component,
      ]),
    )
  return withAvailability(message, faults)
}

function withAvailability(tree: Tree, faults: string[]): Tree {
  const { availability: list } = tree
  if (!Array.isArray(list)) return tree
  return { ...tree, availability: list.map((entry: unknown) => (isTree(entry) ? longNames(entry, SHORT, 'availability.', faults) : entry)) }
}

function longNames(tree: Tree, names: Readonly<Record<string, string>>, at: string, faults: string[]): Tree {
  const long: Tree = {}
  for (const [key, value] of Object.entries(tree)) {
    const name = names[key] ?? key
    if (name in long) faults.push(`${at}${name}: is there twice`)
    long[name] = value
  }
  return long
}

function issues(at: string, { issues: all }: z.ZodError): string[] {
  return all.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `${at}${[...issue.path, key].join('.')}: is not a key`)
      : [`${at}${issue.path.join('.')}: ${issue.message}`],
  )
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
