import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answering, examined, findingOf, findingsOf, HEALTHY, healthyBut, NO_LIBRARY, refusing } from './npu-machine.ts'

const test = suite('doctor: NPU')

test('finds nothing wrong with a healthy machine, and says of each check what it saw', async () => {
  const { findings, identified } = await examined({})
  const checks = ['npu-device', 'npu-holder', 'npu-library', 'npu-driver', 'npu-chip', 'npu-model', 'npu-pcie', 'npu-pages', 'power']
  assert.equal(
    findings.map(({ check }) => check),
    checks,
  )
  for (const { severity, what, remedy } of findings) assert.equal([severity, remedy], ['ok', null], what)
  assert.is(identified, true)
})

test('says in one sentence what is missing where there is no NPU at all', async () => {
  const { findings } = await examined({ files: { 'proc/1/comm': 'init\n' }, probe: NO_LIBRARY })
  assert.is(findings.length, 1)
  const [{ severity, what, why, remedy }] = findings as [(typeof findings)[0]]
  assert.equal([severity, why, remedy], ['note', null, null])
  assert.match(what, 'neither a device nor its library HailoRT: people are counted on the CPU.')
  assert.is(what.match(/\./g)?.length, 1)
})

test('that is a failure where the configuration asks for the NPU', async () => {
  const finding = await findingOf('npu', { files: {}, probe: NO_LIBRARY, backend: 'hailo' })
  assert.is(finding.severity, 'failed')
  assert.match(finding.remedy ?? '', 'hailo-all')
})

test('does not say that the CPU counts where the engine would take the NPU', async () => {
  const model = await findingOf('npu', { files: {}, probe: NO_LIBRARY, model: '/models/own.hef' })
  assert.is(model.severity, 'failed')
  const probe = { ...answering(), devices: [] } as const
  const taken = [{ env: { HAILORT_LIB: '/opt/libhailort.so' } }, { files: { 'dev/hailo0': '' } }, { model: '/models/own.hef' }]
  for (const wanted of taken) {
    const chip = await findingOf('npu-chip', { files: {}, probe, ...wanted })
    assert.is(chip.severity, 'failed', JSON.stringify(wanted))
    assert.not.match(chip.what, 'CPU')
  }
})

test('a library that was named and is not there is never passed over', async () => {
  const finding = await findingOf('npu-library', { files: {}, probe: NO_LIBRARY, env: { HAILORT_LIB: '/nowhere/libhailort.so' } })
  assert.is(finding.severity, 'failed')
})

test('inside the agent nothing is opened: its engine has the NPU, or is just about to open it', async () => {
  const { findings, identified } = await examined({ inside: true, probe: refusing(null) })
  assert.is(identified, false)
  const chip = findings.find(({ check }) => check === 'npu-chip')
  assert.equal([chip?.severity, chip?.what], ['ok', '0001:01:00.0 is there; it was not asked who it is, since headcount uses it.'])
  const broken = await findingOf('npu-chip', {
    inside: true,
    probe: refusing({ code: 'HAILO_TIMEOUT', what: 'No answer.', remedy: 'Look.' }),
  })
  assert.is(broken.severity, 'failed')
})

test('names the NPUs of detector.devices that are not there', async () => {
  const none = await findingOf('npu-chosen', { devices: ['0009:01:00.0'] })
  assert.is(none.severity, 'failed')
  assert.match(none.what, '0009:01:00.0')
  assert.match(none.remedy ?? '', '0001:01:00.0')
  assert.is((await findingOf('npu-chosen', { devices: ['0009:01:00.0', '0001:01:00.0'] })).severity, 'warning')
  const { findings } = await examined({ devices: ['0001:01:00.0'] })
  assert.not(findings.some(({ check }) => check === 'npu-chosen'))
})

test('does not look at the NPU where the configuration takes another detector', async () => {
  for (const wanted of [{ backend: 'hog' }, { backend: 'onnx' }, { model: '/models/yolox.onnx' }]) {
    const { findings, identified } = await examined({ ...wanted, probe: NO_LIBRARY })
    assert.equal(
      findings.map(({ check, severity }) => `${check} ${severity}`),
      ['npu ok', 'power ok'],
    )
    assert.is(identified, null)
  }
})

test('a device without a library fails, with the remedy of the library', async () => {
  const { severity, what, remedy } = await findingOf('npu-library', { probe: NO_LIBRARY })
  assert.equal([severity, what, remedy], ['failed', 'There is no libhailort.', 'Install it: sudo apt install hailo-all'])
  assert.equal(await findingsOf('npu-chip', { probe: NO_LIBRARY }), [])
})

test('a library that hangs or crashes fails', async () => {
  const hung = await findingOf('npu-library', { probe: { state: 'hung', limitMs: 10_000 } })
  assert.is(hung.severity, 'failed')
  assert.match(hung.what, 'did not answer within 10 s')
  const died = await findingOf('npu-library', { probe: { state: 'died', how: 'SIGSEGV' } })
  assert.is(died.severity, 'failed')
  assert.match(died.what, 'SIGSEGV')
})

test('a library without a device is a warning, and a failure where the configuration asks for it', async () => {
  const probe = {
    state: 'answered',
    library: { version: '4.23.0', path: '/usr/lib/l.so', simulated: false },
    devices: [],
    scanFault: null,
  } as const
  for (const [backend, severity] of [
    ['auto', 'warning'],
    ['hailo', 'failed'],
  ] as const) {
    const { findings } = await examined({ files: {}, probe, backend })
    assert.equal(
      findings.map((finding) => `${finding.check} ${finding.severity}`),
      ['npu-library ok', `npu-chip ${severity}`],
    )
    assert.match(findings[1]?.remedy ?? '', 'lspci')
  }
})

test('a device on PCI Express without a driver fails twice, with the driver as remedy', async () => {
  const files = healthyBut('dev/', 'sys/module/')
  const device = await findingOf('npu-device', { files })
  assert.is(device.severity, 'failed')
  assert.match(device.what, '0001:01:00.0')
  const driver = await findingOf('npu-driver', { files })
  assert.is(driver.severity, 'failed')
  assert.match(driver.remedy ?? '', 'dkms')
})

test('says that an NPU is simulated, and looks at no hardware then', async () => {
  const probe = {
    state: 'answered',
    library: { version: '4.23.0', path: '/opt/libhailort-sim.so', simulated: true },
    devices: [{ id: '0000:01:00.0', identity: null, fault: null }],
    scanFault: null,
  } as const
  const { findings } = await examined({ files: { ...HEALTHY, 'sys/module/hailo_pci/version': '4.20.0' }, probe })
  assert.equal(
    findings.map(({ check }) => check),
    ['npu-library', 'npu-chip', 'power'],
  )
  assert.is(findings[0]?.severity, 'note')
  assert.match(findings[0]?.what ?? '', 'simulated')
})

test('every finding that is not well says why it matters and what to do', async () => {
  const fault = { code: 'HAILO_DEVICE_IN_USE', what: 'hailo_create_vdevice failed.', remedy: 'Stop it.' }
  const cases = [
    {
      mayUse: false,
      probe: refusing(fault),
      files: { ...healthyBut('usr/'), 'proc/7/cmdline': 'python3', 'proc/7/fd/3': { linkTo: '/dev/hailo0' } },
    },
    { probe: NO_LIBRARY, files: { ...healthyBut('dev/', 'sys/module/') } },
    { hefFolders: [], files: { ...HEALTHY, 'sys/module/hailo_pci/version': '4.20.0' } },
  ]
  for (const each of cases) {
    const bad = (await examined(each)).findings.filter(({ severity }) => severity === 'failed' || severity === 'warning')
    assert.ok(bad.length >= 2)
    for (const { what, why, remedy } of bad) assert.ok(what.length > 10 && (why?.length ?? 0) > 10 && (remedy?.length ?? 0) > 5, what)
  }
})

test.run()
