/**
 * Tables of Home Assistant that a discovery message is held against. Sources, in github.com/home-assistant/core:
 * homeassistant/components/mqtt/abbreviations.py (short names), mqtt/{sensor,binary_sensor,switch,button,event,number}.py and mqtt/schemas.py
 * (keys), sensor/const.py (DEVICE_CLASS_UNITS, DEVICE_CLASS_STATE_CLASSES), binary_sensor, button, event and switch `DeviceClass` enumerations.
 * Only what counts for people, times, temperatures, rates and sizes is here; a device class that is not is refused.
 */

type Names = Readonly<Record<string, string>>

/** Short names at the root and in entities. */
export const SHORT: Names = {
  avty: 'availability',
  avty_mode: 'availability_mode',
  avty_t: 'availability_topic',
  cmd_t: 'command_topic',
  cmd_tpl: 'command_template',
  cmps: 'components',
  def_ent_id: 'default_entity_id',
  dev: 'device',
  dev_cla: 'device_class',
  e: 'encoding',
  en: 'enabled_by_default',
  ent_cat: 'entity_category',
  evt_typ: 'event_types',
  exp_aft: 'expire_after',
  ic: 'icon',
  json_attr_t: 'json_attributes_topic',
  json_attr_tpl: 'json_attributes_template',
  o: 'origin',
  ops: 'options',
  opt: 'optimistic',
  p: 'platform',
  pl_avail: 'payload_available',
  pl_not_avail: 'payload_not_available',
  pl_off: 'payload_off',
  pl_on: 'payload_on',
  pl_prs: 'payload_press',
  pl_rst: 'payload_reset',
  ret: 'retain',
  stat_cla: 'state_class',
  stat_off: 'state_off',
  stat_on: 'state_on',
  stat_t: 'state_topic',
  sug_dsp_prc: 'suggested_display_precision',
  t: 'topic',
  uniq_id: 'unique_id',
  unit_of_meas: 'unit_of_measurement',
  val_tpl: 'value_template',
}

export const SHORT_DEVICE: Names = {
  cns: 'connections',
  cu: 'configuration_url',
  hw: 'hw_version',
  ids: 'identifiers',
  mdl: 'model',
  mdl_id: 'model_id',
  mf: 'manufacturer',
  sa: 'suggested_area',
  sn: 'serial_number',
  sw: 'sw_version',
}

export const SHORT_ORIGIN: Names = { sw: 'sw_version', url: 'support_url' }

/** The options of the root that entities without their own take over. */
export const SHARED = ['availability', 'availability_mode', 'availability_topic', 'command_topic', 'state_topic'] as const

/** Units and state classes of each device class of a sensor; null: the class has no unit. */
export const SENSOR_CLASSES: Readonly<
  Record<string, { readonly units: readonly string[] | null; readonly stateClasses: readonly string[] }>
> = {
  data_size: { units: ['B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB'], stateClasses: ['measurement', 'total', 'total_increasing'] },
  duration: { units: ['d', 'h', 'min', 's', 'ms'], stateClasses: ['measurement', 'total', 'total_increasing'] },
  enum: { units: null, stateClasses: [] },
  frequency: { units: ['Hz', 'kHz', 'MHz', 'GHz'], stateClasses: ['measurement'] },
  power: { units: ['mW', 'W', 'kW'], stateClasses: ['measurement'] },
  temperature: { units: ['°C', '°F', 'K'], stateClasses: ['measurement'] },
  timestamp: { units: null, stateClasses: [] },
  voltage: { units: ['V', 'mV', 'kV'], stateClasses: ['measurement'] },
}

export const STATE_CLASSES = ['measurement', 'total', 'total_increasing'] as const

/** Device classes of the other platforms. */
export const OTHER_CLASSES: Readonly<Record<string, readonly string[]>> = {
  binary_sensor: ['connectivity', 'heat', 'motion', 'occupancy', 'presence', 'problem', 'running'],
  button: ['identify', 'restart', 'update'],
  event: ['button', 'doorbell', 'motion'],
  switch: ['outlet', 'switch'],
}
