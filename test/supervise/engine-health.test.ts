import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Backend, EngineReport } from '../../agent/engine/messages.ts'
import type { AgentErrorCode } from '../../agent/errors.ts'
import { EngineHealth } from '../../agent/supervise/engine-health.ts'
import { keepLog } from './kept-log.ts'
import { detectorOrder, fault, NPU } from './scripted-engines.ts'

const test = suite('engine health')

interface Given {
  readonly backend?: Backend
  readonly driverReload?: boolean
  readonly env?: NodeJS.ProcessEnv
}

function healthOf({ backend = 'hailo', driverReload = true, env = {} }: Given = {}) {
  const reload = { count: 0, done: 0 }
  const log = keepLog()
  const health = new EngineHealth({
    detector: detectorOrder(backend),
    driverReload,
    env,
    log,
    reloadDriver: async () => {
      reload.count++
      await new Promise((resolve) => setImmediate(resolve))
      reload.done++
    },
  })
  /** Lets lives fail like this, one after the other. */
  const failing = async (...codes: readonly AgentErrorCode[]) => {
    for (const code of codes) {
      health.fail(fault(code))
      await health.climb({ fault: fault(code), ranWell: false })
    }
  }
  return { health, reload, log, failing }
}

function ready(simulated: boolean, npu = NPU): EngineReport {
  return { type: 'ready', backend: 'hailo', simulated, detectorP99Ms: 1, npu }
}

const STATS: EngineReport = {
  type: 'stats',
  streams: [],
  npu: { utilisation: 0.5, temperatureC: 41, batchFill: 1, queueAgeMs: 3 },
  stages: {},
}

test('the driver is loaded anew before the fourth try, and not again soon', async () => {
  const { health, reload, failing } = healthOf()
  await failing('NPU_TIMEOUT', 'NPU_TIMEOUT')
  assert.equal(reload, { count: 0, done: 0 })
  await failing('NPU_TIMEOUT')
  assert.equal(reload, { count: 1, done: 1 }, 'and that is waited for')
  assert.is(health.npu?.rung, 'reload')
  await failing('NPU_TIMEOUT', 'NPU_TIMEOUT', 'NPU_TIMEOUT', 'NPU_TIMEOUT')
  assert.is(reload.count, 1)
  assert.is(health.npu?.rung, 'degraded')
})

test('no driver is touched when that is not allowed, when the NPU is simulated or may be, or when there is none', async () => {
  const four = ['NPU_TIMEOUT', 'NPU_FAILED', 'NPU_DENIED', 'NPU_TIMEOUT'] as const
  for (const given of [{ driverReload: false }, { env: { HAILORT_LIB: '/x/libhailort-sim.so' } }, { backend: 'hog' as const }]) {
    const { reload, failing } = healthOf(given)
    await failing(...four)
    assert.is(reload.count, 0, JSON.stringify(given))
  }
  const simulated = healthOf()
  simulated.health.take(ready(true))
  await simulated.failing(...four)
  assert.is(simulated.reload.count, 0)
})

test('a library that somebody named has a driver once it says that there is hardware', async () => {
  const { health, reload, failing } = healthOf({ env: { HAILORT_LIB: '/x/libhailort.so' } })
  health.take(ready(false))
  await failing('NPU_TIMEOUT', 'NPU_TIMEOUT', 'NPU_TIMEOUT')
  assert.is(reload.count, 1)
})

test('an NPU rests shortly, a detector on the CPU as every child does', async () => {
  const npu = healthOf()
  await npu.failing('ENGINE_DIED', 'ENGINE_DIED', 'ENGINE_DIED', 'ENGINE_DIED', 'ENGINE_DIED', 'ENGINE_DIED')
  assert.is(npu.health.restMs(6), 1_500)
  const cpu = healthOf({ backend: 'hog' })
  await cpu.failing('ENGINE_DIED')
  assert.ok(cpu.health.restMs(6) >= 16_000)
  assert.is(cpu.health.npu, null)
})

test('counts timeouts wherever they are told, and recoveries once a fault', async () => {
  const { health, failing } = healthOf()
  const counts = () => [health.npu?.report.timeouts, health.npu?.report.recoveries]
  health.take(ready(true))
  assert.equal(counts(), [0, 0], 'a start is no recovery')
  health.take({ type: 'recovering', fault: fault('NPU_TIMEOUT') })
  health.take({ type: 'failed', fault: fault('NPU_TIMEOUT') })
  await failing('NPU_TIMEOUT')
  health.take({ type: 'failed', fault: fault('NPU_FAILED') })
  await failing('NPU_FAILED')
  assert.equal(counts(), [2, 0])
  health.take(ready(true))
  health.take(ready(true))
  assert.equal(counts(), [2, 1])
  health.take({ type: 'recovering', fault: fault('NPU_FAILED') })
  health.take(ready(true))
  assert.equal(counts(), [2, 2])
  await failing('ENGINE_DIED')
  health.take(ready(true))
  assert.equal(counts(), [2, 3])
})

test('says which NPU it is, once until something of it changes', () => {
  const { health, log } = healthOf()
  const npu = { ...NPU, model: '/usr/share/hailo-models/yolov8s_h8l.hef' }
  health.take(ready(true, npu))
  health.take({ type: 'recovering', fault: fault('NPU_FAILED') })
  health.take(ready(true, npu))
  health.take(ready(false, npu))
  health.take(ready(false, { ...npu, firmwareVersion: '4.20.0' }))
  assert.equal(
    log.lines.flatMap(([level, text]) => (text.startsWith('NPU') ? `${level} ${text}` : [])),
    [
      'info NPU: Hailo-8L 0000:01:00.0, firmware 4.23.0, HailoRT 4.23.0, model yolov8s_h8l.hef (simulated)',
      'info NPU: Hailo-8L 0000:01:00.0, firmware 4.23.0, HailoRT 4.23.0, model yolov8s_h8l.hef',
      'info NPU: Hailo-8L 0000:01:00.0, firmware 4.20.0, HailoRT 4.23.0, model yolov8s_h8l.hef',
    ],
  )
})

test('tells an NPU that never comes back from one that comes back and does not stay, each with a remedy', async () => {
  const down = healthOf()
  down.health.take(ready(true))
  await down.health.climb({ fault: fault('NPU_FAILED'), ranWell: true })
  await down.failing('NPU_FAILED', 'NPU_FAILED')
  assert.match(down.log.text, /error engine: the NPU is still down after 3 tries in a row\. .*headcount doctor/)
  const weak = healthOf()
  for (const _ of [1, 2, 3, 4, 5]) {
    weak.health.take(ready(true))
    await weak.failing('NPU_FAILED')
  }
  assert.match(weak.log.text, /error engine: the NPU came back but failed again within seconds, 3 times in a row\. .*headcount doctor/)
  assert.not.match(weak.log.text, /still down/)
  assert.is(weak.log.text.split('in a row').length - 1, 1, 'and once')
})

test('an NPU that is opened again, or not asked to work, works at nothing', () => {
  for (const end of [
    (health: EngineHealth) => health.take({ type: 'recovering', fault: fault('NPU_TIMEOUT') }),
    (health: EngineHealth) => health.paused(),
  ]) {
    const { health } = healthOf()
    health.take(ready(true))
    health.take(STATS)
    assert.is(health.npu?.report.utilisation, 0.5)
    end(health)
    assert.equal([health.npu?.report.utilisation, health.npu?.report.temperatureC], [0, null])
  }
})

test('an NPU that is not asked to work is on no rung, but its failures are remembered', async () => {
  const { health, failing } = healthOf()
  await failing('NPU_FAILED', 'NPU_FAILED', 'NPU_BUSY')
  assert.is(health.npu?.rung, 'degraded')
  health.paused()
  assert.is(health.npu?.rung, null)
  assert.is(health.npu?.failures, 3)
})

test.run()
