import { z } from 'zod'
import { OTHER_CLASSES, SENSOR_CLASSES, STATE_CLASSES } from './discovery-rules.ts'
import { parseTemplate } from './discovery-template.ts'

const text = z.string().min(1)
/** util.py: valid_subscribe_topic. */
const subscribed = text.max(65_535).refine(isFilter, 'is not a topic to subscribe to')
const published = subscribed.regex(/^[^#+]*$/, 'has wildcards')
const qos = z.union([z.literal(0), z.literal(1), z.literal(2)])
const template = z.string().superRefine((value, context) => {
  try {
    parseTemplate(value)
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is not a template: ${error instanceof Error ? error.message : String(error)}` })
  }
})
const url = z.string().regex(/^(https?|homeassistant):\/\/\S+$/)

/** mqtt/schemas.py: MQTT_AVAILABILITY_LIST_SCHEMA and the single form. */
const availability = {
  availability: z
    .array(
      z.strictObject({
        topic: subscribed,
        payload_available: text.optional(),
        payload_not_available: text.optional(),
        value_template: template.optional(),
      }),
    )
    .min(1)
    .optional(),
  availability_mode: z.enum(['all', 'any', 'latest']).optional(),
  availability_topic: subscribed.optional(),
}

/** mqtt/schemas.py: MQTT_ENTITY_COMMON_SCHEMA, and what mqtt/config.py gives every platform. */
const common = {
  ...availability,
  platform: text,
  unique_id: text,
  name: text.nullable(),
  default_entity_id: z
    .string()
    .regex(/^[a-z_]+\.[a-z0-9_]+$/)
    .optional(),
  enabled_by_default: z.boolean().optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  icon: z
    .string()
    .regex(/^[a-z-]+:[a-z0-9-]+$/)
    .optional(),
  json_attributes_topic: subscribed.optional(),
  json_attributes_template: template.optional(),
  qos: qos.optional(),
  encoding: text.optional(),
}
const read = { ...common, state_topic: subscribed, value_template: template.optional() }
const written = { ...common, command_topic: published, command_template: template.optional(), retain: z.literal(false).optional() }
const expiring = { expire_after: z.int().positive().optional(), force_update: z.boolean().optional() }
const classOf = (platform: string) => z.enum(OTHER_CLASSES[platform] ?? []).optional()

/** What each platform takes. */
export const PLATFORMS: Readonly<Record<string, z.ZodType>> = {
  sensor: z.strictObject({
    ...read,
    ...expiring,
    device_class: z.enum(Object.keys(SENSOR_CLASSES)).optional(),
    state_class: z.enum(STATE_CLASSES).optional(),
    unit_of_measurement: text.optional(),
    options: z.array(text).min(1).optional(),
    suggested_display_precision: z.int().min(0).max(6).optional(),
    last_reset_value_template: template.optional(),
  }),
  binary_sensor: z.strictObject({
    ...read,
    ...expiring,
    device_class: classOf('binary_sensor'),
    off_delay: z.int().positive().optional(),
    payload_on: text.optional(),
    payload_off: text.optional(),
  }),
  switch: z.strictObject({
    ...written,
    state_topic: subscribed.optional(),
    value_template: template.optional(),
    device_class: classOf('switch'),
    optimistic: z.boolean().optional(),
    payload_on: text.optional(),
    payload_off: text.optional(),
    state_on: text.optional(),
    state_off: text.optional(),
  }),
  button: z.strictObject({ ...written, device_class: classOf('button'), payload_press: text.optional() }),
  event: z.strictObject({ ...read, device_class: classOf('event'), event_types: z.array(text).min(1) }),
  number: z.strictObject({
    ...written,
    state_topic: subscribed.optional(),
    value_template: template.optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    step: z.number().min(0.001).optional(),
    mode: z.enum(['auto', 'box', 'slider']).optional(),
    optimistic: z.boolean().optional(),
    payload_reset: text.optional(),
    unit_of_measurement: text.optional(),
  }),
}

/** mqtt/schemas.py: DEVICE_DISCOVERY_SCHEMA, MQTT_ENTITY_DEVICE_INFO_SCHEMA, MQTT_ORIGIN_INFO_SCHEMA. */
export const root = z.strictObject({
  ...availability,
  device: z.strictObject({
    identifiers: z.union([text, z.array(text)]).optional(),
    connections: z.array(z.tuple([text, text])).optional(),
    manufacturer: text.optional(),
    model: text.optional(),
    model_id: text.optional(),
    name: text.optional(),
    hw_version: text.optional(),
    serial_number: text.optional(),
    sw_version: text.optional(),
    via_device: text.optional(),
    suggested_area: text.optional(),
    configuration_url: url.optional(),
  }),
  origin: z.strictObject({ name: text, sw_version: text.optional(), support_url: url.optional() }),
  components: z.record(z.string().regex(/^\S+$/), z.record(z.string(), z.unknown())),
  state_topic: subscribed.optional(),
  command_topic: published.optional(),
  qos: qos.optional(),
  encoding: text.optional(),
})

export type Root = z.output<typeof root>

function isFilter(topic: string): boolean {
  const levels = topic.split('/')
  const last = levels.length - 1
  return !/\p{Cc}/u.test(topic) && levels.every((level, index) => level === '+' || (level === '#' && index === last) || !/[#+]/.test(level))
}
