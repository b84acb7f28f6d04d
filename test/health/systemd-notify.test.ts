import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { notification, SystemdNotify, takeNotifyAddress } from '../../agent/health/systemd-notify.ts'
import { eventually } from '../support/eventually.ts'
import { fakeSystemd } from './fake-systemd.ts'

const test = suite('systemd notify')

const PID = 4_711
const SOCKET = '/run/systemd/notify'

test('nothing is wanted where no systemd listens, and an address that is none is not one', () => {
  assert.is(takeNotifyAddress({}, PID), null)
  for (const NOTIFY_SOCKET of ['', '/', '@', 'notify', 'vsock:2:1234', `/${'x'.repeat(107)}`]) {
    assert.is(takeNotifyAddress({ NOTIFY_SOCKET, WATCHDOG_USEC: '30000000' }, PID), null, NOTIFY_SOCKET)
  }
})

test('the watchdog is ours unless it names another process or no time', () => {
  const watchdog = (others: Record<string, string>) => takeNotifyAddress({ NOTIFY_SOCKET: SOCKET, ...others }, PID)
  assert.equal(watchdog({}), { socket: SOCKET, watchdogMs: null })
  assert.equal(watchdog({ WATCHDOG_USEC: '30000000' }), { socket: SOCKET, watchdogMs: 30_000 })
  assert.equal(watchdog({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(PID) }), { socket: SOCKET, watchdogMs: 30_000 })
  assert.equal(watchdog({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }), { socket: SOCKET, watchdogMs: null })
  for (const WATCHDOG_USEC of ['', '0', '-5', '1e7', 'soon', '9'.repeat(40)]) {
    assert.equal(watchdog({ WATCHDOG_USEC }), { socket: SOCKET, watchdogMs: null }, WATCHDOG_USEC)
  }
})

test('what systemd told is taken out of the environment, also when it is of no use', () => {
  const env = { NOTIFY_SOCKET: 'vsock:2:1', WATCHDOG_USEC: '1', WATCHDOG_PID: '1', PATH: '/bin' }
  takeNotifyAddress(env, PID)
  assert.equal(env, { PATH: '/bin' })
})

test('a value cannot begin another assignment', () => {
  assert.is(notification({ STATUS: 'one\nMAINPID=1\r\n\0two', READY: '1' }), 'STATUS=one MAINPID=1 two\nREADY=1\n')
})

for (const [kind, name] of [
  ['a path', undefined],
  ['a name without a file', `@headcount-test-${process.pid}`],
] as const) {
  test(`systemd hears it at ${kind}, and knows who spoke`, async () => {
    await using systemd = await fakeSystemd(name)
    using notify = SystemdNotify.open(systemd.socket)
    assert.ok(notify?.send({ READY: '1', STATUS: 'NPU 61 °C' }))
    await eventually(() => systemd.notices.length > 0, { what: 'systemd hears it' })
    assert.equal(systemd.notices, [{ pid: process.pid, says: { READY: '1', STATUS: 'NPU 61 °C' } }])
  })
}

test('a systemd that is gone is no fault, and one that comes back is heard again', async () => {
  const first = await fakeSystemd()
  using notify = SystemdNotify.open(first.socket)
  await first[Symbol.asyncDispose]()
  assert.is(notify?.send({ WATCHDOG: '1' }), false)
  const name = `@headcount-test-again-${process.pid}`
  using other = SystemdNotify.open(name)
  assert.is(other?.send({ WATCHDOG: '1' }), false)
  await using second = await fakeSystemd(name)
  assert.ok(other?.send({ WATCHDOG: '1' }))
  await eventually(() => second.of('WATCHDOG').length === 1, { what: 'the new one hears it' })
})

test('one that hangs is not waited for', async () => {
  await using systemd = await fakeSystemd()
  using notify = SystemdNotify.open(systemd.socket)
  systemd.hang()
  // The kernel keeps some messages for it, and then takes no more.
  let sent = 0
  while (sent < 100_000 && notify?.send({ STATUS: 'x'.repeat(200) })) sent++
  assert.ok(sent < 100_000)
})

test.run()
