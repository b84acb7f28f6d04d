import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ServiceNotifier } from '../../agent/health/service-notifier.ts'
import type { Log } from '../../agent/log.ts'
import { eventually } from '../support/eventually.ts'
import { type FakeSystemd, fakeSystemd } from './fake-systemd.ts'
import { COUNTING, STARTING, service, WAITING } from './service-facts-for-test.ts'

const test = suite('service notifier')

const errors: string[] = []
const log: Log = { error: (message) => errors.push(message), warn: () => undefined, info: () => undefined, debug: () => undefined }

/** One that looks often, at a clock that goes 4 s with each look. */
function hasty(systemd: FakeSystemd, ending = new AbortController().signal): ServiceNotifier {
  let nowMs = 0
  const now = () => {
    nowMs += 4_000
    return nowMs
  }
  return new ServiceNotifier({ log, ending, env: { NOTIFY_SOCKET: systemd.socket, WATCHDOG_USEC: '20000' }, now, lookMs: 5 })
}

test('does nothing where no systemd listens', () => {
  using notifier = new ServiceNotifier({ log, ending: new AbortController().signal, env: {} })
  notifier.watch(() => {
    throw new Error('nobody asked')
  })
})

test('asks for time while the start lasts, but not for ever', async () => {
  await using systemd = await fakeSystemd()
  using _notifier = hasty(systemd)
  await eventually(() => systemd.of('EXTEND_TIMEOUT_USEC').length > 0, { what: 'it asks for time' })
  assert.ok(systemd.of('EXTEND_TIMEOUT_USEC').every((usec) => usec === '15000000'))
  await eventually(() => systemd.of('WATCHDOG').length > 50, { what: 'more than 180 s of its clock have passed' })
  const asked = systemd.of('EXTEND_TIMEOUT_USEC').length
  assert.ok(asked <= 45, `${asked} times`)
  assert.equal(systemd.of('READY'), [])
  assert.equal(systemd.of('STATUS'), ['starting'])
})

test('is ready once something counts, says what, and ends with a word', async () => {
  await using systemd = await fakeSystemd()
  const end = new AbortController()
  {
    // 30 s of a real clock do not pass here.
    const env = { NOTIFY_SOCKET: systemd.socket }
    using notifier = new ServiceNotifier({ log, ending: end.signal, env, lookMs: 5 })
    let facts = service([STARTING])
    notifier.watch(() => facts)
    await sleep(50)
    assert.equal(systemd.of('READY'), [])
    facts = service([COUNTING])
    await eventually(() => systemd.of('STATUS').includes('counting 1 of 1 stream'), { what: 'it says that it counts' })
    assert.equal(systemd.of('READY'), ['1'])
    end.abort()
  }
  await eventually(() => systemd.of('STOPPING').length > 0, { what: 'it says that it ends' })
  await sleep(50)
  assert.equal(systemd.of('STOPPING'), ['1'])
  assert.equal(systemd.of('READY'), ['1'])
  assert.equal(systemd.of('WATCHDOG'), [], 'nobody asked for it')
})

test('what changes all the time is told every few seconds', async () => {
  await using systemd = await fakeSystemd()
  let npuTemperatureC = 0
  let nowMs = 0
  const now = () => {
    nowMs += 1_000
    return nowMs
  }
  using notifier = new ServiceNotifier({
    log,
    ending: new AbortController().signal,
    env: { NOTIFY_SOCKET: systemd.socket },
    now,
    lookMs: 5,
  })
  notifier.watch(() => service([COUNTING], { npuTemperatureC: npuTemperatureC++ }))
  await eventually(() => systemd.of('STATUS').length >= 6, { what: 'six words' })
  const degrees = systemd.of('STATUS').map((status) => Number(/(\d+) °C/.exec(status)?.[1] ?? Number.NaN))
  const steps = degrees.slice(3).map((each, n) => each - (degrees[n + 2] ?? 0))
  assert.ok(
    steps.every((step) => step >= 5),
    degrees.join(' '),
  )
})

test('says that it lives while people are counted, and no more when nothing is done for pictures that wait', async () => {
  await using systemd = await fakeSystemd()
  using notifier = hasty(systemd)
  let framesDetected = 0
  let works = true
  notifier.watch(() => service([{ ...WAITING, framesDetected: works ? framesDetected++ : framesDetected }]))
  await eventually(() => systemd.of('WATCHDOG').length >= 20, { what: 'it lives' })
  assert.equal(errors, [])

  works = false
  await eventually(() => errors.length > 0, { what: 'it finds itself stuck' })
  assert.match(errors[0] ?? '', 'systemd is to restart headcount')
  await eventually(() => systemd.of('STATUS').at(-1)?.startsWith('stuck'), { what: 'it says so' })
  const beats = systemd.of('WATCHDOG').length
  await sleep(200)
  assert.is(systemd.of('WATCHDOG').length, beats)
  assert.is(errors.length, 1, 'it is said once')

  works = true
  await eventually(() => systemd.of('WATCHDOG').length > beats, { what: 'it lives again when something moves' })
})

/** A process in a sleep that no signal but SIGKILL ends: it has vforked, and its child waits for somebody to write into a FIFO. */
async function heldProcess(): Promise<{ readonly pid: number } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'headcount-held-'))
  const fifo = join(dir, 'fifo')
  const action = `(os.POSIX_SPAWN_OPEN, 0, ${JSON.stringify(fifo)}, os.O_RDONLY, 0)`
  const script = `import os; os.mkfifo(${JSON.stringify(fifo)}); os.posix_spawn("/bin/true", ["true"], {}, file_actions=[${action}])`
  const child = spawn('/usr/bin/python3', ['-c', script], { stdio: 'inherit' })
  const pid = child.pid ?? 0
  await eventually(async () => / D /.test(await readFile(`/proc/${pid}/stat`, 'utf8')), { what: 'the process is held' })
  return {
    pid,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      await writeFile(fifo, '')
      await gone
      await rm(dir, { recursive: true })
    },
  }
}

test('a driver that holds the engine process is a known fault, an engine that sleeps like any other is not', async () => {
  errors.length = 0
  await using systemd = await fakeSystemd()
  await using held = await heldProcess()
  using notifier = hasty(systemd)
  let pids = [process.pid, 2 ** 22 + 1, held.pid]
  notifier.watch(() => service([WAITING], { pids }))
  await eventually(() => systemd.of('WATCHDOG').length >= 60, { what: 'it lives, whatever is waited for' })
  assert.equal(errors, [])
  pids = [process.pid, 2 ** 22 + 1]
  await eventually(() => errors.length > 0, { what: 'it finds itself stuck' })
})

test.run()
