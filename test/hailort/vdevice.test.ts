import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { scan, VDevice } from 'hailort-node/hailort'
import { HailoError } from 'hailort-node/hailort-status'
import { HefError } from 'hailort-node/hef'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { simulatedHere } from './simulator.ts'
import { run, startHolder } from './vdevice-process.ts'

const FIRST = '0000:01:00.0'
const SECOND = '0001:01:00.0'
const npu = await simulatedHere({
  devices: [
    { id: FIRST, chip: 'hailo8l' },
    { id: SECOND, chip: 'hailo8' },
  ],
})

/** The HailoError that it must reject with. */
async function failure(call: Promise<unknown>): Promise<HailoError> {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  )
  assert.instance(error, HailoError)
  return error as HailoError
}

/** How opening fails once the control file has been read again. */
function openingFails(withStatus: number): Promise<HailoError> {
  const open = async () => {
    await using _device = await VDevice.open({ deviceId: FIRST })
    return null
  }
  const fails = () => open().catch((error: unknown) => (error instanceof HailoError && error.status === withStatus ? error : null))
  return eventually(fails, { what: `opening fails with ${withStatus}` })
}

const test = suite('virtual devices')

test('without a device nothing is found, and opening says where to look', async () => {
  await using none = await SimulatedNpu.make({ devices: [] })
  const { found, fault } = run('scan-and-open', none.env) as { found: string[]; fault: Record<string, unknown> }
  assert.equal(found, [])
  assert.is(fault['code'], 'HAILO_OUT_OF_PHYSICAL_DEVICES')
  assert.is(fault['status'], 74)
  assert.is(fault['call'], 'hailo_create_vdevice')
  assert.match(String(fault['remedy']), /no Hailo device is found: check the ribbon cable and the HAT, `lspci`/)
})

test('a device is taken once, in this process too', async () => {
  assert.equal(await scan(), [FIRST, SECOND])
  await using one = await VDevice.open()
  await using two = await VDevice.open()
  assert.equal([...one.deviceIds, ...two.deviceIds].sort(), [FIRST, SECOND])
  assert.equal(await scan(), [FIRST, SECOND], 'those that are held are found all the same')
  assert.is((await failure(VDevice.open())).status, 74)
  const held = await failure(VDevice.open({ deviceId: FIRST }))
  assert.equal([held.status, held.code], [73, 'HAILO_DEVICE_IN_USE'])
  assert.match(held.remedy, 'fuser -v /dev/hailo0')
  await one.close()
  await using again = await VDevice.open({ deviceId: one.deviceIds[0] ?? '' })
  assert.equal(again.deviceIds, one.deviceIds)
})

test('a device that another process holds is free when that process is gone, however it went', async () => {
  await using holder = await startHolder(npu.env, FIRST)
  assert.is((await failure(VDevice.open({ deviceId: FIRST }))).status, 73)
  holder.kill('SIGKILL')
  await holder.ended
  await using mine = await VDevice.open({ deviceId: FIRST })
  assert.equal(mine.deviceIds, [FIRST])
})

test('an id that no device can have is refused, and takes nothing', async () => {
  for (const deviceId of ['0000:09:00.0', '', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(100_000), `${FIRST}\0`]) {
    const error = await failure(VDevice.open({ deviceId }))
    assert.equal([error.status, error.call], [2, 'hailo_create_vdevice'])
  }
  for (const wrong of [7, {}, true]) {
    const error: unknown = await VDevice.open({ deviceId: wrong as never }).catch((error: unknown) => error)
    assert.instance(error, TypeError)
  }
  await using one = await VDevice.open({ deviceId: FIRST, groupId: 'headcount' })
  await using two = await VDevice.open({ deviceId: SECOND })
  assert.is(one.deviceIds.length + two.deviceIds.length, 2)
})

test('a chip says what it is, how it runs and how warm it is', async () => {
  await using small = await VDevice.open({ deviceId: FIRST })
  await using large = await VDevice.open({ deviceId: SECOND })
  const identity = await small.identify()
  assert.is(identity.architecture, 'HAILO8L')
  assert.is((await large.identify()).architecture, 'HAILO8')
  assert.match(identity.firmwareVersion, /^4\.\d+\.\d+$/)
  for (const text of [identity.boardName, identity.serialNumber, identity.partNumber, identity.productName]) {
    assert.match(text, /^[ -~]+$/, 'readable, and without what follows it in the structure')
  }
  const { coreClockHz, bootSource, socId } = await small.extendedInformation()
  assert.ok(coreClockHz > 1e8)
  assert.ok(['unknown', 'pcie', 'flash'].includes(bootSource))
  assert.match(socId, /^[0-9a-f]{64}$/)
  const { ts0, ts1 } = await small.temperature()
  for (const degrees of [ts0, ts1]) assert.ok(degrees > 0 && degrees < 100, String(degrees))
})

test('a temperature that rises is seen to rise', async () => {
  await using device = await VDevice.open()
  const before = await device.temperature()
  await npu.fault({ fault: 'temperature-ramp', degreesPerSecond: 1_000 })
  await eventually(async () => (await device.temperature()).ts0 > before.ts0 + 5, { what: 'the chip is 5 °C warmer' })
  await npu.heal()
})

test('4.20 writes less of the extended information, and that is enough', async () => {
  await using old = await SimulatedNpu.make({ version: '4.20.0' })
  const { version, extended } = run('extended-information', old.env) as { version: string; extended: Record<string, unknown> }
  assert.is(version, '4.20.0')
  assert.ok(Number(extended['coreClockHz']) > 1e8)
})

test('a device can be reset, and nothing but the four ways is taken', async () => {
  await using device = await VDevice.open()
  for (const mode of ['chip', 'nnCore', 'soft', 'forcedSoft'] as const) await device.reset(mode)
  const wrong: unknown = await device.reset('warm' as never).catch((error: unknown) => error)
  assert.instance(wrong, TypeError)
})

test('a driver of another version is named with the version of the library', async () => {
  await npu.fault({ fault: 'version-mismatch' })
  const error = await openingFails(76)
  await npu.heal()
  assert.equal([error.status, error.code, error.call], [76, 'HAILO_INVALID_DRIVER_VERSION', 'hailo_create_vdevice'])
  assert.match(error.what, /^The driver hailo_pci is .+, libhailort is 4\.23\.0: they do not work together\.$/)
  assert.match(error.remedy, 'sudo apt full-upgrade && sudo reboot')
})

test('a device that is lost cannot be opened until it is back', async () => {
  await npu.fault({ fault: 'lost' })
  const error = await openingFails(36)
  await npu.heal()
  assert.match(error.remedy, 'dmesg')
  const back = await eventually(() => VDevice.open({ deviceId: FIRST }).catch(() => null), { what: 'the device is back' })
  assert.equal(back.deviceIds, [FIRST])
  await back.close()
})

test('a HEF that is not for this chip is refused before the chip gets it', async () => {
  const other = await npu.hef('other', { chip: 'hailo8' })
  const fits = await npu.hef('fits')
  await using device = await VDevice.open({ deviceId: FIRST })
  const cases = [
    [other, 'HEF_OTHER_CHIP'],
    [join(npu.dir, 'missing.hef'), 'HEF_UNREADABLE'],
    [npu.controlFile, 'HEF_INVALID'],
  ] as const
  for (const [hef, code] of cases) {
    const error: unknown = await device.configure(hef, { batchSize: 1 }).catch((error: unknown) => error)
    assert.instance(error, HefError)
    assert.is((error as HefError).code, code)
  }
  await using model = await device.configure(fits, { batchSize: 1 })
  assert.is(model.outputs.length, 1)
})

test('100 devices opened and closed leave no thread and no descriptor', async () => {
  const count = () => [readdirSync('/proc/self/task').length, readdirSync('/proc/self/fd').length]
  const cycle = async () => {
    await using device = await VDevice.open()
    await device.identify()
  }
  for (let warm = 0; warm < 8; warm++) await cycle()
  const before = count()
  for (let index = 0; index < 100; index++) await cycle()
  // A thread that has ended is seen for a moment longer.
  await eventually(() => count().every((now, index) => now <= (before[index] ?? 0)), {
    what: 'what was opened is gone',
    log: () => `before: ${before.join()}, now: ${count().join()}`,
  })
})

test.run()
