import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { discoveryFaults } from './discovery-validator.ts'

const test = suite('discovery validator')

const TOPIC = 'homeassistant/device/headcount_door/config'
type Tree = Record<string, unknown>

const sensor: Tree = { p: 'sensor', unique_id: 'a', name: 'People', state_topic: 'headcount/door/cam/count' }

function message(changes: Tree = {}): Tree {
  return { dev: { ids: ['headcount_door'], name: 'Door' }, o: { name: 'headcount' }, cmps: { a: sensor }, ...changes }
}

const faultsOf = (body: unknown, { topic = TOPIC, retain = true } = {}) =>
  discoveryFaults({ topic, payload: typeof body === 'string' ? body : JSON.stringify(body), retain })

/** Faults of a message whose only entity is the sensor with these changes. */
const ofEntity = (changes: Tree) => faultsOf(message({ cmps: { a: { ...sensor, ...changes } } }))

/** Exactly one fault, and it says this. */
function refused(faults: string[], what: RegExp): void {
  assert.is(faults.length, 1, `${String(what)}: ${JSON.stringify(faults)}`)
  assert.match(faults[0] ?? '', what)
}

test('takes what Home Assistant documents', () => {
  assert.equal(faultsOf(message()), [])
  assert.equal(faultsOf(''), [])
  // The example of home-assistant.io/integrations/mqtt, "Device discovery payload".
  const example = {
    dev: { ids: 'ea334450945afc', name: 'Kitchen', mf: 'Bla electronics', mdl: 'xya', sw: '1.0', sn: 'ea334450945afc', hw: '1.0rev2' },
    o: { name: 'bla2mqtt', sw: '2.1', url: 'https://bla2mqtt.example.com/support' },
    cmps: {
      one: {
        p: 'sensor',
        name: 'T',
        device_class: 'temperature',
        unit_of_measurement: '°C',
        value_template: '{{ value_json.temperature }}',
        unique_id: 't',
      },
      two: { p: 'sensor', name: 'H', unit_of_measurement: '%', value_template: '{{ value_json.humidity }}', unique_id: 'h' },
    },
    state_topic: 'sensorBedroom/state',
    qos: 2,
  }
  assert.equal(faultsOf(example), [])
  assert.equal(faultsOf(message({ cmps: { gone: { p: 'sensor' } } })), [])
  assert.equal(ofEntity({ dev_cla: 'duration', unit_of_meas: 's', stat_cla: 'measurement' }), [])
})

test('refuses unknown keys at each level', () => {
  refused(faultsOf(message({ colour: 'red' })), /^colour: is not a key/)
  refused(faultsOf(message({ dev: { ids: ['a'], owner: 'me' } })), /^device.owner: is not a key/)
  refused(faultsOf(message({ o: { name: 'a', licence: 'MIT' } })), /^origin.licence: is not a key/)
  refused(ofEntity({ people: 3 }), /^components.a.people: is not a key/)
  refused(ofEntity({ payload_press: 'x' }), /^components.a.payload_press: is not a key/)
  refused(ofEntity({ availability: [{ topic: 'a', when: 1 }] }), /^components.a.availability.0.when: is not a key/)
  refused(faultsOf(message({ '~': 'headcount' })), /^~: is not a key/)
  refused(faultsOf(message({ device: { ids: ['b'] } })), /^device: is there twice/)
})

test('refuses topics that are none, and what is not retained', () => {
  for (const topic of [
    'homeassistant/sensor/a/config',
    'homeassistant/device/a.b/config',
    'homeassistant/device/a',
    'other/device/a/config',
    'homeassistant/device/a/b/c/config',
  ])
    refused(faultsOf(message(), { topic }), /is not a device's discovery topic/)
  refused(faultsOf(message(), { retain: false }), /it is not retained/)
  refused(ofEntity({ state_topic: 'a/b+/c' }), /state_topic: is not a topic/)
  refused(ofEntity({ state_topic: 'a/#/c' }), /state_topic: is not a topic/)
  refused(ofEntity({ state_topic: 'a\nb' }), /state_topic: is not a topic/)
  refused(ofEntity({ p: 'button', state_topic: undefined, command_topic: 'a/+' }), /command_topic: has wildcards/)
})

test('refuses what is not JSON or no object', () => {
  refused(faultsOf('{"dev": '), /is not JSON/)
  refused(faultsOf('[1]'), /is not an object/)
  refused(faultsOf('null'), /is not an object/)
})

test('refuses a message without device, origin or entities', () => {
  refused(faultsOf(message({ dev: undefined })), /^device: /)
  refused(faultsOf(message({ o: undefined })), /^origin: /)
  refused(faultsOf(message({ o: { sw: '1' } })), /^origin.name: /)
  refused(faultsOf(message({ cmps: undefined })), /^components: /)
  refused(faultsOf(message({ cmps: undefined, cmp: {} })).slice(0, 1), /^components: /)
  refused(faultsOf(message({ dev: { name: 'Door' } })), /neither identifiers nor connections/)
  refused(faultsOf(message({ dev: { ids: ['a'], via_device: 'a' } })), /via_device: is the device itself/)
  refused(faultsOf(message({ o: { name: 'a', url: 'here' } })), /support_url/)
})

test('refuses entities without platform, unique id, name or topic', () => {
  refused(ofEntity({ p: undefined }), /platform: undefined is not one/)
  refused(ofEntity({ p: 'vacuum' }), /platform: vacuum is not one/)
  refused(ofEntity({ unique_id: undefined }), /unique_id: /)
  refused(ofEntity({ unique_id: '' }), /unique_id: /)
  refused(ofEntity({ name: undefined }), /name: /)
  refused(ofEntity({ state_topic: undefined }), /state_topic: /)
  refused(faultsOf(message({ cmps: { a: sensor, b: sensor } })), /components.b.unique_id: is that of another/)
  refused(ofEntity({ name: 'Door people' }), /repeats the name of the device/)
})

test('refuses classes, units and state classes that do not go together', () => {
  refused(ofEntity({ device_class: 'people' }), /device_class: /)
  refused(ofEntity({ device_class: 'temperature', unit_of_measurement: 'celsius' }), /celsius is not one of temperature/)
  refused(ofEntity({ device_class: 'temperature' }), /undefined is not one of temperature/)
  refused(
    ofEntity({ device_class: 'temperature', unit_of_measurement: '°C', state_class: 'total_increasing' }),
    /does not go with temperature/,
  )
  refused(ofEntity({ state_class: 'rising' }), /state_class: /)
  refused(ofEntity({ unit_of_measurement: '' }), /unit_of_measurement: /)
  refused(ofEntity({ device_class: 'enum' }), /options: are missing/)
  refused(ofEntity({ options: ['a'] }), /need device_class enum/)
  refused(ofEntity({ device_class: 'enum', options: ['a'], unit_of_measurement: 'x' }).slice(0, 1), /enum has none/)
  refused(ofEntity({ last_reset_value_template: '{{ value }}', state_class: 'measurement' }), /needs state_class total/)
  refused(ofEntity({ entity_category: 'config' }), /a sensor cannot be config/)
  refused(ofEntity({ entity_category: 'other' }), /entity_category: /)
  refused(ofEntity({ p: 'binary_sensor', device_class: 'temperature' }), /device_class: /)
  refused(ofEntity({ p: 'button', state_topic: undefined, command_topic: 'a', device_class: 'occupancy' }), /device_class: /)
})

test('refuses templates, icons and numbers that are none', () => {
  refused(ofEntity({ value_template: '{{ value' }), /value_template: is not a template/)
  refused(ofEntity({ value_template: 'value' }), /value_template: is not a template/)
  refused(ofEntity({ json_attributes_template: '{{ value }}' }), /has no json_attributes_topic/)
  refused(ofEntity({ icon: 'account' }), /icon: /)
  refused(ofEntity({ qos: 3 }), /qos: /)
  refused(ofEntity({ suggested_display_precision: -1 }), /suggested_display_precision: /)
  refused(ofEntity({ expire_after: 0 }), /expire_after: /)
})

test('refuses two kinds of availability, also when one comes from the root', () => {
  const availability = [{ topic: 'headcount/door/status' }]
  assert.equal(faultsOf(message({ availability, availability_mode: 'all' })), [])
  refused(faultsOf(message({ availability_topic: 'a', cmps: { a: { ...sensor, availability } } })), /components.a.availability: excludes/)
  refused(faultsOf(message({ availability: [], cmps: {} })), /^availability: /)
  refused(faultsOf(message({ availability: [{}], cmps: {} })), /^availability.0.topic: /)
  refused(faultsOf(message({ availability, availability_mode: 'most' })), /^availability_mode: /)
})

test('knows what events, switches, buttons and numbers need', () => {
  const command = { state_topic: undefined, command_topic: 'headcount/door/command' }
  assert.equal(ofEntity({ p: 'event', event_types: ['line_in'] }), [])
  refused(ofEntity({ p: 'event' }), /event_types: /)
  refused(ofEntity({ p: 'event', event_types: [] }), /event_types: /)
  assert.equal(ofEntity({ p: 'switch', ...command, payload_on: 'a', payload_off: 'b' }), [])
  refused(ofEntity({ p: 'switch', ...command, payload_on: 'a', payload_off: 'a' }), /the same as payload_on/)
  refused(ofEntity({ p: 'switch', state_topic: 'a' }), /command_topic: /)
  refused(ofEntity({ p: 'button', ...command, retain: true }), /retain: /)
  assert.equal(ofEntity({ p: 'number', ...command, min: 0, max: 10, step: 1 }), [])
  refused(ofEntity({ p: 'number', ...command, min: 10, max: 10 }), /is not more than min/)
  refused(ofEntity({ p: 'number', ...command, min: 200 }), /is not more than min/)
  refused(ofEntity({ p: 'number', ...command, state_class: 'measurement' }), /state_class: is not a key/)
  refused(ofEntity({ p: 'number', ...command, mode: 'wheel' }), /mode: /)
  refused(ofEntity({ p: 'number', ...command, command_template: '{{ value' }), /command_template: is not a template/)
  refused(ofEntity({ p: 'number', state_topic: 'a' }), /command_topic: /)
  refused(ofEntity({ p: 'number', ...command, step: 0.0001 }), /step: /)
})

test.run()
