import type { DeviceIdentity } from 'hailort-node/hailort'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skip.ts'
import type { Files } from '../support/tree.ts'
import { answering, examined, findingOf, findingsOf, HEALTHY, healthyBut, hefBytes, refusing } from './npu-machine.ts'

const BUSY = { code: 'HAILO_OUT_OF_PHYSICAL_DEVICES', what: 'hailo_create_vdevice failed.', remedy: 'Stop the other one.' }
const ENGINE = { 'proc/42/cmdline': 'headcount: engine hailo\0\0\0', 'proc/42/fd/18': { linkTo: '/dev/hailo0' } }
const PYTHON = { 'proc/77/cmdline': 'python3\0detect.py\0', 'proc/77/fd/5': { linkTo: '/dev/hailo0' } }
const PCI = 'sys/bus/pci/devices/0001:01:00.0'

const test = suite('doctor: checks of the NPU')

test('rights: names owner, group and mode, and the group to join', async () => {
  if (process.getuid?.() !== 0) {
    skip('only root can make files that belong to root')
    return
  }
  const files = { ...HEALTHY, 'etc/group': 'hailo:x:0:\n' }
  const root = await findingOf('npu-device', { mayUse: false })
  assert.is(root.severity, 'failed')
  assert.match(root.what, '/dev/hailo0 belongs to root:root 0644')
  assert.match(root.remedy ?? '', 'udev')
  const group = await findingOf('npu-device', { files, mayUse: false })
  assert.match(group.what, 'root:hailo 0644')
})

test('rights: each device is checked by itself', async () => {
  const { findings } = await examined({ files: { ...HEALTHY, 'dev/hailo1': '', 'dev/hailo-notes': '', 'dev/video0': '' } })
  assert.equal(
    findings.filter(({ check }) => check === 'npu-device').map(({ what }) => what.split(' ')[0]),
    ['/dev/hailo0', '/dev/hailo1'],
  )
})

test('holder: another program fails by name and pid, and the device is left alone', async () => {
  const wanted = { files: { ...HEALTHY, ...PYTHON }, probe: refusing(null) }
  const { severity, what, remedy } = await findingOf('npu-holder', wanted)
  assert.is(severity, 'failed')
  assert.match(what, 'python3 detect.py (pid 77)')
  assert.match(remedy ?? '', 'kill 77')
  assert.is((await examined(wanted)).identified, false)
  assert.is((await findingOf('npu-chip', wanted)).severity, 'note')
})

test('holder: headcount itself is well, and is not disturbed', async () => {
  const wanted = { files: { ...HEALTHY, ...ENGINE }, probe: refusing(null) }
  const { findings, identified } = await examined(wanted)
  assert.is(identified, false)
  assert.ok(findings.every(({ severity }) => severity === 'ok'))
  assert.match((await findingOf('npu-holder', wanted)).what, 'headcount itself')
  assert.match((await findingOf('npu-chip', wanted)).what, 'pid 42')
})

test('holder: another doctor who is asking the chip is ours too, and nobody to kill', async () => {
  const files = { ...HEALTHY, 'proc/43/cmdline': 'headcount: doctor\0', 'proc/43/fd/9': { linkTo: '/dev/hailo0' } }
  const { findings, identified } = await examined({ files, probe: refusing(null) })
  assert.is(identified, false)
  assert.ok(findings.every(({ severity }) => severity === 'ok'))
})

test('holder: an engine that is just opening its NPU is not disturbed either', async () => {
  const files = { ...HEALTHY, 'proc/42/cmdline': 'headcount: engine hailo\0' }
  const { findings, identified } = await examined({ files, probe: refusing(BUSY) })
  assert.is(identified, false)
  assert.ok(findings.every(({ severity }) => severity === 'ok'))
})

test('holder: an engine on the CPU or on other NPUs is none, and a look-alike is not ours', async () => {
  const engine = (name: string, environment: string) => ({ ...HEALTHY, 'proc/42/cmdline': name, 'proc/42/environ': environment })
  const sim = 'PATH=/bin\0HAILORT_LIB=/opt/sim.so\0'
  assert.is((await examined({ files: engine('headcount: engine hog\0', 'PATH=/bin\0') })).identified, true)
  assert.is((await examined({ files: engine('headcount: engine hailo\0', sim) })).identified, true)
  assert.is((await examined({ files: engine('headcount: engine hailo\0', 'PATH=/bin\0') })).identified, false)
  assert.is((await examined({ files: engine('headcount: engine hailo\0', sim), env: { HAILORT_LIB: '/opt/sim.so' } })).identified, false)
  const { severity } = await findingOf('npu-holder', { files: { ...HEALTHY, ...PYTHON, 'proc/77/cmdline': 'my headcount: engine\0' } })
  assert.is(severity, 'failed')
})

test('holder: says when processes cannot be looked into, unless the chip has just been opened, and passes over those that have gone', async () => {
  const files = { ...HEALTHY, 'proc/5/fd': 'not for us', 'proc/6/comm': 'gone' }
  const hidden = await findingOf('npu-holder', { files, probe: refusing(BUSY) })
  assert.is(hidden.severity, 'note')
  assert.match(hidden.what, '1 process of other users')
  assert.match(hidden.remedy ?? '', 'sudo')
  assert.is((await findingOf('npu-holder', { files })).severity, 'ok')
})

test('holder: does not say that nobody has the NPU when HailoRT says that somebody does', async () => {
  const unseen = await findingOf('npu-holder', { probe: refusing(BUSY) })
  assert.is(unseen.severity, 'failed')
  assert.match(unseen.what, 'cannot be seen')
  assert.match(unseen.remedy ?? '', 'fuser')
})

test('rights: a device node that points nowhere is a failure and not the end of the checks', async () => {
  const { severity, what } = await findingOf('npu-device', {
    files: { ...healthyBut('dev/'), 'dev/hailo0': { linkTo: '/nowhere/at-all' } },
  })
  assert.is(severity, 'failed')
  assert.match(what, '/dev/hailo0')
})

test('driver: another version than the library fails and shows both', async () => {
  const { severity, what, remedy } = await findingOf('npu-driver', { files: { ...HEALTHY, 'sys/module/hailo_pci/version': '4.20.0\n' } })
  assert.is(severity, 'failed')
  assert.match(what, 'driver is version 4.20.0, the library 4.23.0')
  assert.match(remedy ?? '', 'full-upgrade')
})

test('chip: names chip, id and firmware; another firmware is a warning', async () => {
  assert.is((await findingOf('npu-chip', {})).what, 'Hailo-8L 0001:01:00.0 answers, firmware 4.23.0.')
  const other = await findingOf('npu-chip', { probe: answering('HAILO8', '4.20.0') })
  assert.is(other.severity, 'warning')
  assert.match(other.what, 'Hailo-8 0001:01:00.0 answers, firmware 4.20.0, but the library is version 4.23.0.')
})

test('chip: what HailoRT refuses is told with its code and remedy', async () => {
  const fault = { code: 'HAILO_INVALID_DRIVER_VERSION', what: 'hailo_create_vdevice failed.', remedy: 'Upgrade.' }
  const { severity, what, remedy } = await findingOf('npu-chip', { probe: refusing(fault) })
  assert.equal([severity, remedy], ['failed', 'Upgrade.'])
  assert.match(what, '0001:01:00.0 does not answer: hailo_create_vdevice failed. [HAILO_INVALID_DRIVER_VERSION]')
  assert.is((await findingOf('npu-chip', { probe: refusing(BUSY) })).severity, 'failed')
  const scan = { ...answering(), devices: [], scanFault: fault } as const
  assert.match((await findingOf('npu-chip', { probe: scan })).what, 'HailoRT cannot look for devices')
})

test('model: takes the one that the engine would take, and says when none fits', async () => {
  const found = await findingOf('npu-model', {})
  assert.match(found.what, 'yolov8s_h8l.hef was compiled for the Hailo-8L, compiler 3.31.0.')
  const none = await findingOf('npu-model', {
    files: { ...healthyBut('usr/'), 'usr/share/hailo-models/yolov8s_h8.hef': hefBytes('yolov8s_h8.hef') },
  })
  assert.is(none.severity, 'failed')
  assert.match(none.what, 'yolov8s_h8.hef (for the Hailo-8)')
})

test('model: one for the 8L on a Hailo-8 is a note', async () => {
  const { severity, what, remedy } = await findingOf('npu-model', { probe: answering('HAILO8') })
  assert.is(severity, 'note')
  assert.match(what, 'compiled for the Hailo-8L, compiler 3.31.0, the chip is a Hailo-8.')
  assert.match(remedy ?? '', 'yolov8s_h8.hef')
})

test('model: the one of the configuration is checked against the chip', async () => {
  const { findings } = await examined({ model: '/nowhere/own.hef' })
  const missing = findings.find(({ check }) => check === 'npu-model')
  assert.is(missing?.severity, 'failed')
  assert.match(missing?.what ?? '', '/nowhere/own.hef cannot be read')
})

test('model: two chips of a kind are one finding, two kinds are two', async () => {
  const [first] = deviceOf('HAILO8L')
  const probe = (second: DeviceIdentity['architecture']) =>
    ({ ...answering(), devices: [...(first ? [first] : []), ...deviceOf(second)] }) as const
  const checks = async (second: DeviceIdentity['architecture']) =>
    (await examined({ probe: probe(second) })).findings.filter(({ check }) => check === 'npu-model').length
  assert.equal([await checks('HAILO8L'), await checks('HAILO8')], [1, 2])
})

function deviceOf(architecture: DeviceIdentity['architecture']) {
  const probe = answering(architecture)
  return probe.state === 'answered' ? probe.devices : []
}

test('PCIe: generation 2 is a warning with what it costs, and the line for a Raspberry Pi', async () => {
  const slow = { ...HEALTHY, [`${PCI}/current_link_speed`]: '5.0 GT/s PCIe\n' }
  const { severity, what, why, remedy } = await findingOf('npu-pcie', { files: slow })
  assert.is(severity, 'warning')
  assert.match(what, 'generation 2 on 1 of 2 lanes: about 500 MB/s')
  assert.match(why ?? '', 'at most 406 pictures of 640×640 a second; generation 3 would carry 801')
  assert.match(remedy ?? '', /^Write the line dtparam=pciex1_gen=3 into/)
  const { remedy: elsewhere } = await findingOf('npu-pcie', { files: { ...slow, 'proc/device-tree/model': 'Some Board' } })
  assert.match(elsewhere ?? '', /^Put the device into a faster slot/)
})

test('PCIe: a link as fast as the device can is well, and one that does not tell is passed over', async () => {
  const best = { ...HEALTHY, [`${PCI}/current_link_speed`]: '5.0 GT/s PCIe', [`${PCI}/max_link_speed`]: '5.0 GT/s PCIe' }
  assert.is((await findingOf('npu-pcie', { files: best })).severity, 'ok')
  for (const speed of ['Unknown', '', '2.5']) {
    const { findings } = await examined({ files: { ...HEALTHY, [`${PCI}/current_link_speed`]: speed, [`${PCI}/current_link_width`]: '0' } })
    assert.not(findings.some(({ check }) => check === 'npu-pcie'))
  }
})

test('pages: 16 KiB without the option are a warning, in which the option is written out', async () => {
  const files = healthyBut('sys/module/hailo_pci/parameters')
  const { severity, remedy } = await findingOf('npu-pages', { files })
  assert.is(severity, 'warning')
  assert.match(remedy ?? '', 'options hailo_pci force_desc_page_size=4096')
  const wrong = [
    '# options hailo_pci force_desc_page_size=4096',
    'options hailo_pci force_desc_page_size=40960',
    'options hailo_pci\nforce_desc_page_size=4096',
    'options other force_desc_page_size=4096',
  ]
  for (const text of wrong) {
    assert.is((await findingOf('npu-pages', { files: { ...files, 'etc/modprobe.d/hailo_pci.conf': text } })).severity, 'warning', text)
  }
})

test('pages: the option is found wherever modprobe would, and a driver that runs without it needs a restart', async () => {
  const files = healthyBut('sys/module/hailo_pci/parameters')
  for (const [path, text] of [
    ['etc/modprobe.d/hailo_pci.conf', 'options hailo_pci force_desc_page_size=4096\n'],
    ['usr/lib/modprobe.d/h.conf', 'blacklist x\n options hailo-pci no_power_mode=1 force_desc_page_size=4096'],
  ] as const) {
    assert.is((await findingOf('npu-pages', { files: { ...files, [path]: text } })).severity, 'ok', path)
  }
  const loaded = { ...HEALTHY, 'sys/module/hailo_pci/parameters/force_desc_page_size': '0\n' }
  const stale = await findingOf('npu-pages', {
    files: { ...loaded, 'etc/modprobe.d/h.conf': 'options hailo_pci force_desc_page_size=4096' },
  })
  assert.is(stale.severity, 'warning')
  assert.match(stale.remedy ?? '', 'restart')
})

test('pages: 4 KiB are not worth a word', async () => {
  const { findings } = await examined({ files: { ...HEALTHY, 'proc/self/smaps': 'KernelPageSize:        4 kB\n' } })
  assert.not(findings.some(({ check }) => check === 'npu-pages'))
})

test('lanes that the device and its port have, but that are not used, point to a bad contact', async () => {
  const device = 'sys/bus/pci/devices/0001:01:00.0'
  const linked = (portLanes: string, mostLanes: string): Files => ({
    ...healthyBut(device),
    [device]: { linkTo: '../../../devices/pci0001:00/0001:00:00.0/0001:01:00.0' },
    'sys/bus/pci/devices/0001:00:00.0/max_link_width': portLanes,
    'sys/devices/pci0001:00/0001:00:00.0/0001:01:00.0/vendor': '0x1e60\n',
    'sys/devices/pci0001:00/0001:00:00.0/0001:01:00.0/current_link_speed': '8.0 GT/s PCIe\n',
    'sys/devices/pci0001:00/0001:00:00.0/0001:01:00.0/current_link_width': '1\n',
    'sys/devices/pci0001:00/0001:00:00.0/0001:01:00.0/max_link_width': mostLanes,
  })
  const lanes = async (files: Files) => (await findingsOf('npu-pcie', { files })).map(({ severity }) => severity)
  assert.equal(await lanes(linked('4\n', '2\n')), ['ok', 'warning'])
  // A Raspberry Pi 5 has one lane, and its chip could do more: nothing is wrong.
  assert.equal(await lanes(linked('1\n', '2\n')), ['ok'])
  assert.equal(await lanes(linked('', '2\n')), ['ok'])
  const [, missing] = await findingsOf('npu-pcie', { files: linked('4\n', '4\n') })
  assert.match(missing?.what ?? '', 'runs on 1 of the 4 lanes')
})

test.run()
