import { chmod } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Severity } from '../../agent/doctor/finding.ts'
import { MachineFiles } from '../../agent/doctor/machine-files.ts'
import { checkPower } from '../../agent/doctor/power-check.ts'
import { type Files, Tree } from '../support/tree.ts'

const THROTTLED = 'sys/devices/platform/soc/soc:firmware/get_throttled'

async function powerOf(files: Files, vcgencmd: string | null = null) {
  await using tree = await Tree.make(files)
  return await checkPower(new MachineFiles(tree.path), vcgencmd)
}

const test = suite('doctor: power')

test('tells too little voltage and too much heat, now and since the start', async () => {
  const told: readonly [string, Severity, string][] = [
    ['0', 'ok', 'enough voltage'],
    ['1', 'failed', 'too little voltage now'],
    ['50005', 'failed', 'too little voltage now'],
    ['50000', 'warning', 'since it was started'],
    ['0x10000', 'warning', 'since it was started'],
    ['4', 'warning', 'slowed down by its temperature now'],
    ['e0008', 'warning', 'slowed down by its temperature now'],
    ['80000', 'note', 'since the start'],
  ]
  for (const [bits, severity, words] of told) {
    const finding = await powerOf({ [THROTTLED]: `${bits}\n` })
    assert.is(finding?.severity, severity, bits)
    assert.match(finding?.what ?? '', words)
    assert.is(finding?.remedy === null, severity === 'ok')
  }
})

test('says nothing on a machine that tells nothing', async () => {
  for (const files of [{}, { [THROTTLED]: '' }, { [THROTTLED]: 'error' }, { 'sys/class/hwmon/hwmon0/name': 'k10temp' }]) {
    assert.is(await powerOf(files), null)
  }
})

test('takes the voltage sensor where the firmware does not tell', async () => {
  const sensor = (alarm: string) => ({
    'sys/class/hwmon/hwmon3/name': 'rpi_volt\n',
    'sys/class/hwmon/hwmon3/in0_lcrit_alarm': `${alarm}\n`,
  })
  assert.is((await powerOf(sensor('1')))?.severity, 'failed')
  const well = await powerOf(sensor('0'))
  assert.is(well?.severity, 'ok')
  // It has nothing to say of heat.
  assert.not.match(well?.what ?? '', 'slowed')
})

test('the voltage sensor does not hide that vcgencmd knows of heat', async () => {
  await using tree = await Tree.make({ hot: '#!/bin/sh\necho throttled=0x80008\n' })
  await chmod(tree.at('hot'), 0o755)
  const files = { 'sys/class/hwmon/hwmon3/name': 'rpi_volt\n', 'sys/class/hwmon/hwmon3/in0_lcrit_alarm': '0\n' }
  assert.match((await powerOf(files, tree.at('hot')))?.what ?? '', 'slowed down by its temperature now')
})

test('asks vcgencmd only where the firmware says nothing in sysfs', async () => {
  await using tree = await Tree.make({
    low: '#!/bin/sh\n[ "$*" = get_throttled ] && echo throttled=0x50005\n',
    broken: '#!/bin/sh\necho VCHI initialization failed; exit 255\n',
    odd: '#!/bin/sh\necho throttled=many\n',
  })
  for (const name of ['low', 'broken', 'odd']) await chmod(tree.at(name), 0o755)
  assert.is((await powerOf({}, tree.at('low')))?.severity, 'failed')
  assert.is((await powerOf({ [THROTTLED]: '0' }, tree.at('low')))?.severity, 'ok')
  for (const name of ['broken', 'odd', 'missing']) assert.is(await powerOf({}, tree.at(name)), null, name)
})

test.run()
