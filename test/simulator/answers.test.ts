import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { scenarios } from './answers-scenarios.ts'
import { ARGUMENTS } from './calls.ts'
import { scene } from './run-scenario.ts'

type ResultOf<Name extends keyof typeof scenarios> = Awaited<ReturnType<(typeof scenarios)[Name]>>

const test = suite('what the simulator answers')

/** Result of one scenario of answers-scenarios.ts, with this control file. */
async function answer<Name extends keyof typeof scenarios>(name: Name, control: object = {}): Promise<ResultOf<Name>> {
  using made = scene(control)
  return (await made.run('answers', name)).result as ResultOf<Name>
}

test('without a device it answers what a real library was seen to answer', async () => {
  const measured = await answer('measured', { devices: [] })
  assert.equal(measured, {
    version: [0, 4, 23, 0],
    scan: { status: 0, number: 0, ids: ['', '', '', ''] },
    vdevice: 74,
    absent: 2,
    absentDevice: 2,
    service: 6,
    missing: 13,
    folder: 13,
    garbage: 92,
    small: [5, 2],
    unknownName: 61,
  })
})

test('every function answers NULL with an invalid argument', async () => {
  const statuses = await answer('nulls')
  assert.is(Object.keys(statuses).length, Object.keys(ARGUMENTS).length)
  for (const [name, status] of Object.entries(statuses)) assert.is(status, 2, name)
})

test('the defaults are those of HailoRT', async () => {
  assert.equal(await answer('defaults'), { status: 0, vdevice: [1, true, 1, 0], vstream: [3, 0, 0, 10_000, 2] })
})

test('broken and foreign HEFs are refused, each with its status', async () => {
  const expected = { good: 0, version4: 92, version3: 91, cut: 91, empty: 92, short: 91, real: 92, badJson: 91 }
  assert.equal(await answer('hefs'), expected)
})

test('4.20 calls every bad HEF invalid and does not know version 3', async () => {
  const expected = { good: 0, version4: 26, version3: 26, cut: 26, empty: 26, short: 26, real: 26, badJson: 26 }
  assert.equal(await answer('hefs', { version: '4.20.0' }), expected)
})

test('an 8L runs only its own HEFs, an 8 those of the 8L too', async () => {
  assert.equal(await answer('chips'), [93, 0, 93, 93])
  assert.equal(await answer('chips', { version: '4.20.0' }), [26, 0, 26, 26])
  assert.equal(await answer('chips', { devices: [{ id: '0001:01:00.0', chip: 'hailo8' }] }), [0, 0, 93, 93])
})

test('5.x says its version and cannot configure', async () => {
  assert.equal(await answer('chips', { version: '5.2.0' }), [7, 7, 7, 7])
})

test('4.20 lays out the NMS shape and the extended information in its own way', async () => {
  assert.equal(await answer('layouts'), { shape: [2, 4, 8, 0], untouched: false })
  assert.equal(await answer('layouts', { version: '4.20.0' }), { shape: [2, 4, 0, 1], untouched: true })
})

test('a device is found, identified and measured', async () => {
  const { found, small, status, identity, temperature, reset, release } = await answer('device', {
    devices: [{ id: '0000:01:00.0' }, { id: '0001:01:00.0', chip: 'hailo8' }],
  })
  assert.equal(found, { status: 0, number: 2, ids: ['0000:01:00.0', '0001:01:00.0', '', ''] })
  assert.equal(small, { status: 5, number: 2, ids: [''] })
  assert.equal([status, release, ...reset], [0, 0, 0, 2])
  assert.is(identity.architecture, 2)
  assert.is(identity.firmware, '4.23.0')
  assert.is(identity.serial.length, 16, 'it fills its field')
  assert.is(identity.product.length, 42, 'it fills its field')
  assert.is(temperature[0], 0)
  const [, celsius = 0] = temperature
  assert.ok(celsius >= 45 && celsius < 60)
})

test('a vdevice lends its device and keeps it to itself until it is released', async () => {
  assert.equal(await answer('vdevice'), {
    id: '0000:01:00.0',
    architecture: 2,
    releaseOfLent: 2,
    second: 74,
    secondById: 73,
    afterRelease: [0, 0],
  })
})

test('vstreams are made in formats that exist, and once', async () => {
  assert.equal(await answer('formats'), { uint8: 2, byScore: 79, noQueue: 2, other: 61, twice: 6, again: [0, 0] })
})

test('the scheduler takes its settings, with NULL for the name', async () => {
  assert.equal(await answer('scheduler'), [0, 0, 0, 2, 61])
})

test('statuses have names', async () => {
  const names = [
    'SUCCESS',
    'TIMEOUT',
    'DRIVER_OPERATION_FAILED',
    'STREAM_ABORT',
    'OUT_OF_PHYSICAL_DEVICES',
    'HEF_NOT_COMPATIBLE_WITH_DEVICE',
  ]
  assert.equal(await answer('messages'), [...names.map((name) => `HAILO_${name}`), null])
})

test('the log is written into the working folder unless it is told otherwise', async () => {
  using made = scene()
  await made.run('answers', 'messages')
  assert.not.ok(existsSync(join(made.folder, 'hailort.log')))
  await made.run('answers', 'messages', { HAILORT_LOGGER_PATH: undefined })
  assert.ok(existsSync(join(made.folder, 'hailort.log')))
})

test('a control file that is wrong is said on stderr and taken for an empty one', async () => {
  for (const control of [{ fault: 'gremlins' }, { devises: [] }, { devices: [{ id: '../x' }] }, { version: 'new' }, { pcie: 'gen9' }]) {
    using made = scene(control)
    const { result, stderr } = await made.run('answers', 'vdevice')
    assert.is((result as { id: string }).id, '0000:01:00.0')
    assert.match(stderr, /^hailort-sim: control file .* is taken for \{\}: .*$/m)
  }
})

test.run()
