import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { scenarios } from './faults-scenarios.ts'
import { scene } from './run-scenario.ts'

type ResultOf<Name extends keyof typeof scenarios> = Awaited<ReturnType<(typeof scenarios)[Name]>>

const test = suite('faults of the simulated device')

/** Result of one scenario of faults-scenarios.ts, with this control file. */
async function result<Name extends keyof typeof scenarios>(name: Name, control: object = {}): Promise<ResultOf<Name>> {
  using made = scene(control)
  return (await made.run('faults', name)).result as ResultOf<Name>
}

test('timeout: the answer comes too late, into the buffer of the read that gave up; then all is well', async () => {
  assert.equal(await result('timeout'), { first: [0, 4], before: true, next: 8, late: 8, again: [0, 0] })
})

test('timeout: what has happened has happened also for the next process; written again, it happens again', async () => {
  using made = scene({ fault: 'timeout', times: 2 })
  const statuses = async () => (await made.run('faults', 'usedUp')).result
  assert.equal(
    [await statuses(), await statuses(), await statuses()],
    [
      [0, 4],
      [0, 4],
      [0, 0],
    ],
  )
  made.order({ fault: 'timeout', times: 2 })
  assert.equal(await statuses(), [0, 4])
})

test('timeout: always', async () => {
  using made = scene({ fault: 'timeout', always: true })
  for (let i = 0; i < 3; i++) assert.equal((await made.run('faults', 'usedUp')).result, [0, 4])
})

test('stall: nothing is answered, the device still tells who it is, and a shutdown lasts until it is over', async () => {
  const { tookMs, ...statuses } = await result('stall')
  assert.equal(statuses, {
    before: [0, 0],
    during: [0, 4],
    identified: [0, 0],
    blocked: 63,
    shut: 0,
    quicker: true,
    after: [0, 0],
  })
  assert.ok(tookMs > 500, `the shutdown took ${tookMs} ms of the 700 that were left`)
})

test('a fault ends by itself after its seconds', async () => {
  assert.equal(await result('seconds'), { statuses: [0, 0], waited: true })
})

test('lost: running calls, opening and asking fail; what was open stays lost, what is opened later works', async () => {
  assert.equal(await result('lost'), {
    blocked: 36,
    during: { write: 36, scanned: 0, identify: 36 },
    gone: 36,
    opening: [36, 36],
    after: [0, 0],
  })
})

test('lost: the other devices are found and opened', async () => {
  const devices = [{ id: '0000:01:00.0' }, { id: '0001:01:00.0' }]
  const { found, status } = await result('another', { devices, fault: 'lost', device: '0000:01:00.0' })
  assert.equal({ found, status }, { found: 1, status: 0 })
})

test('version-mismatch and busy: a device is found but not opened', async () => {
  // What takes no vdevice, as asking who it is, is open to everybody.
  assert.equal(await result('opening'), { 'version-mismatch': [76, 76, 76, 1], busy: [74, 73, 0, 1], after: 0 })
})

test('wrong-arch: another chip than the HEF is for', async () => {
  assert.equal(await result('wrongArch'), { architecture: 1, configure: 93 })
})

test('slow: everything takes longer by the factor', async () => {
  const { ratio } = await result('slow')
  assert.ok(ratio > 5, `${ratio} times as long`)
})

test('temperature-ramp: the chip grows warmer, up to 110 °C', async () => {
  const { cool, rises, hottest } = await result('temperature')
  assert.ok(cool >= 45 && cool < 60, `${cool} °C`)
  assert.ok(rises)
  assert.is(hottest, 110)
})

test('corrupt: counts that cannot be and boxes that are no numbers, in turns', async () => {
  assert.equal(await result('corrupt'), { counts: [1_004, 1, 'NaN'], after: 8 })
})

test('the control file can name the detector; with a mistake in it the HEF has its own again', async () => {
  assert.equal(await result('detector'), { x1: 0.5, after: 8 })
})

test('a detector that cannot be opened is said on stderr, and its network cannot be configured', async () => {
  using made = scene()
  const { result: status, stderr } = await made.run('faults', 'plugin')
  assert.is(status, 79)
  assert.match(stderr, /^hailort-sim: .*$/m)
})

test.run()
