import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FrameReport } from '../../agent/engine/messages.ts'
import { monotonicMs } from '../../agent/ring/monotonic.ts'
import type { EngineLimits } from '../../agent/supervise/engine-life.ts'
import { EngineSupervisor } from '../../agent/supervise/engine-supervisor.ts'
import { eventually } from '../support/eventually.ts'
import { holdProcess } from '../support/held-process.ts'
import { lives } from '../support/process-tree.ts'
import { skip } from '../support/skip.ts'
import { keepLog } from './kept-log.ts'
import { detectorOrder, failed, NPU, ready, recovering, SCRIPTED_ENTRY, ScriptedEngines, type Step, stats } from './scripted-engines.ts'

const test = suite('engine supervisor')

const LONG: EngineLimits = { readyMs: 60_000, recoverMs: 60_000 }
const INFER: Step = { infer: true }

/** A supervisor of scripted engines with an NPU, one script a life, and everything it says. */
function supervise(scripts: readonly (readonly Step[])[], limits: EngineLimits = LONG, wellAfterMs = 10_000) {
  const engines = new ScriptedEngines({ hailo: scripts })
  const log = keepLog()
  const ending = new AbortController()
  const seen: (string | null)[] = []
  const frames: { readonly frame: FrameReport; readonly epoch: number }[] = []
  let epochs = 40
  const supervisor = new EngineSupervisor({
    detector: detectorOrder('hailo'),
    driverReload: false,
    env: engines.env,
    doorbellsPath: '/nowhere',
    doorbell: 1,
    log,
    ending: ending.signal,
    nextEpoch: () => ++epochs,
    onFrames: (reports, epoch) => frames.push(...reports.map((frame) => ({ frame, epoch }))),
    onChange: () => seen.push(supervisor.gone),
    onEnded: () => undefined,
    entry: SCRIPTED_ENTRY,
    limits,
    wellAfterMs,
  })
  supervisor.serve()
  supervisor.attach({ stream: 'door', ringPath: '/nowhere/door.ring', detectFps: 30, weight: 1 })
  supervisor.start()
  return {
    supervisor,
    engines,
    log,
    ending,
    seen,
    frames,
    until: (what: string, ask: () => unknown) =>
      eventually(ask, { what, withinMs: 30_000, log: () => `${log.text}\n${JSON.stringify(engines.noted)}` }),
    [Symbol.asyncDispose]: async () => {
      await supervisor[Symbol.asyncDispose]()
      assert.equal(engines.pids.filter(lives), [], 'no process is left')
      engines[Symbol.dispose]()
    },
  }
}

test('gives an engine its rings once it is ready, and hands its frames on', async () => {
  await using run = supervise([[{ until: 'go' }, ready(), INFER]])
  const { supervisor, engines, until, frames } = run
  await until('it starts', () => engines.lives('hailo') === 1)
  assert.is(supervisor.gone, 'detection is starting')
  engines.signal('go')
  await until('frames come', () => frames.length > 2)
  assert.equal(engines.attached('hailo'), ['1:door'])
  assert.is(supervisor.gone, null)
  assert.is(frames[0]?.epoch, 41)
  assert.equal(supervisor.health.npu?.facts, NPU)
})

test('an engine that opens its device again is gone at once, and back with the rings it had', async () => {
  await using run = supervise([[ready(), { until: 'break' }, recovering('NPU_TIMEOUT'), INFER, { until: 'mend' }, ready()]])
  const { supervisor, engines, until, seen, frames } = run
  await until('it works', () => supervisor.ready)
  const { pid, epoch } = supervisor
  engines.signal('break')
  await until('it is gone', () => supervisor.ready === null)
  assert.is(supervisor.gone, 'It says NPU_TIMEOUT. Wait. [NPU_TIMEOUT]')
  assert.is(seen.at(-1), supervisor.gone, 'and that is said')
  assert.is(supervisor.health.npu?.rung, 'rebuild')
  assert.equal(frames, [], 'what a broken device still says is not believed')
  // A stream that comes meanwhile, and one that goes.
  supervisor.attach({ stream: 'hall', ringPath: '/nowhere/hall.ring', detectFps: 30, weight: 1 })
  engines.signal('mend')
  await until('it works again', () => supervisor.ready)
  await until('frames of both come', () => new Set(frames.map(({ frame }) => frame.stream)).size === 2)
  assert.is(supervisor.pid, pid)
  assert.is(supervisor.epoch, epoch)
  assert.is(supervisor.fault, null)
  assert.equal(engines.attached('hailo'), ['1:door', '1:hall'])
  const { report, rung } = supervisor.health.npu ?? {}
  assert.equal([report?.timeouts, report?.recoveries, rung], [1, 1, null])
})

test('an engine that does not come back from opening its device is killed, and the truer fault stays', async () => {
  const stuck = [ready(), { deaf: true } as const, recovering('NPU_TIMEOUT', 'The chip sleeps.'), { freeze: true } as const]
  await using run = supervise([stuck, [{ until: 'mend' }, ready()]], { ...LONG, recoverMs: 300 })
  const { supervisor, engines, until, log } = run
  await until('it was killed', () => engines.lives('hailo') === 2)
  assert.not(lives(engines.pids[0] ?? 0), 'the old process is gone before the next begins')
  assert.match(supervisor.gone ?? '', /The chip sleeps\..*\[NPU_TIMEOUT\]/)
  engines.signal('mend')
  await until('the next works', () => supervisor.ready)
  const { report } = supervisor.health.npu ?? {}
  assert.equal([report?.timeouts, report?.recoveries], [1, 1])
  assert.is(log.text.split('The chip sleeps.').length - 1, 1, 'it is said once')
})

test('an engine that never becomes ready is killed as silent', async () => {
  await using run = supervise([[{ freeze: true }], [ready()]], { ...LONG, readyMs: 1_500 })
  const { supervisor, engines, until, log } = run
  await until('the next works', () => supervisor.ready)
  assert.match(log.text, /error engine: The detection process gave no result/)
  assert.is(supervisor.health.npu?.report.timeouts, 0)
  assert.ok(engines.lives('hailo') >= 1)
})

test('an engine that gives no result although frames wait is killed as silent', async () => {
  await using run = supervise([[ready()], [ready(), INFER]])
  const { supervisor, engines, until, frames } = run
  await until('it was given the ring', () => engines.attached('hailo').length === 1)
  const waitingSinceMs = monotonicMs()
  supervisor.watch([{ id: 'door', waitingSinceMs, lastInferenceMs: null, detectFps: 30 }])
  assert.ok(supervisor.ready, 'it has time left')
  await until('it was killed', () => {
    supervisor.watch([{ id: 'door', waitingSinceMs, lastInferenceMs: null, detectFps: 30 }])
    return supervisor.ready === null
  })
  assert.match(supervisor.gone ?? '', /\[ENGINE_SILENT\]/)
  await until('the next one infers', () => frames.length > 0)
})

test('the same fault is said once however often it is met, and that it has passed is said with a count', async () => {
  const wedged = [failed('NPU_TIMEOUT', 'The chip sleeps.')]
  await using run = supervise([wedged, wedged, wedged, wedged, [ready(), { until: 'break' }, ...wedged], [ready()]])
  const { supervisor, engines, until, log } = run
  await until('it works', () => supervisor.ready)
  assert.equal(
    log.lines.map(([level, text]) => `${level} ${text.replace(/\d+ ms/, 'N ms')}`),
    [
      'error engine: The chip sleeps. Wait.',
      'warn engine starts again in N ms',
      'error engine: the NPU is still down after 3 tries in a row. It is tried on and on; run "headcount doctor" to learn what is wrong.',
      'info NPU: Hailo-8L 0000:01:00.0, firmware 4.23.0, HailoRT 4.23.0, model yolov8n.hef (simulated)',
      'info engine works again after 4 faults',
    ],
  )
  const { report, rung } = supervisor.health.npu ?? {}
  assert.equal([report?.timeouts, report?.recoveries, rung], [4, 1, null])
  assert.is(supervisor.restarts, 4)

  engines.signal('break')
  await until('it works once more', () => engines.lives('hailo') === 6 && supervisor.ready)
  assert.is(log.text.split('The chip sleeps.').length - 1, 2, 'it is news again')
  assert.is(supervisor.health.npu?.report.recoveries, 2)
})

test('is degraded while nothing helps, and says why', async () => {
  await using run = supervise([[failed('NPU_TIMEOUT')]])
  const { supervisor, until, seen } = run
  await until('it is degraded', () => supervisor.health.npu?.rung === 'degraded')
  assert.match(supervisor.gone ?? '', /\[NPU_TIMEOUT\]/)
  assert.ok(
    seen.every((gone) => gone !== null),
    'it was never said to work',
  )
})

test('different faults are each said', async () => {
  await using run = supervise([[failed('NPU_TIMEOUT')], [failed('NPU_BUSY')], [{ exit: 3 }], [failed('NPU_TIMEOUT')], [ready()]])
  const { supervisor, until, log } = run
  await until('it works', () => supervisor.ready)
  const errors = log.lines.flatMap(([level, text]) => (level === 'error' && !text.includes('in a row') ? text : []))
  assert.is(errors.length, 3, log.text)
  assert.match(errors[2] ?? '', /ended with exit code 3/)
})

test('numbers of the NPU and the stages are those it said last; a dead engine works at nothing', async () => {
  await using run = supervise([[ready(), stats('door', null, 7), { until: 'break' }, failed('NPU_FAILED')], [{ freeze: true }]])
  const { supervisor, engines, until } = run
  await until('they come', () => supervisor.lost('door').framesLost === 7)
  assert.equal(supervisor.health.npu?.report, {
    utilisation: 0.5,
    temperatureC: 41,
    batchFill: 0.75,
    queueAgeMs: 3,
    timeouts: 0,
    recoveries: 0,
  })
  assert.equal(supervisor.health.stages, { inference: { p50Ms: 2, p99Ms: 4 } })
  engines.signal('break')
  await until('it is gone', () => supervisor.health.npu?.rung === 'respawn')
  assert.is(supervisor.health.npu?.report.utilisation, 0)
  assert.is(supervisor.health.npu?.report.temperatureC, null)
})

test('what was learnt of a stream is given to the next life', async () => {
  await using run = supervise([[ready(), { until: 'teach' }, stats('door', 1.5), { exit: 1 }], [ready()]])
  const { engines, until } = run
  await until('it has the ring', () => engines.attached('hailo').length === 1)
  engines.signal('teach')
  await until('the next has it too', () => engines.attached('hailo').length === 2)
  const learnt = engines.noted.flatMap((each) => (each.order === 'attach' ? each.learnt : []))
  assert.equal(learnt, [null, 1.5])
})

test('one that leaves its rings is gone if it ever had them, and later ones get none', async () => {
  await using run = supervise([
    [ready(), { deaf: true }, INFER],
    [ready(), INFER],
  ])
  const { supervisor, engines, until, frames } = run
  await until('frames come', () => frames.length > 0)
  await supervisor.leave()
  assert.not(lives(engines.pids[0] ?? 0))
  const count = frames.length
  await until('the next works', () => supervisor.ready && engines.lives('hailo') === 2)
  await supervisor.leave()
  assert.is(engines.lives('hailo'), 2, 'one without rings may stay')
  assert.ok(supervisor.ready)
  assert.is(frames.length, count)
  supervisor.serve()
  await until('it has them again', () => frames.length > count)
  assert.equal(engines.attached('hailo'), ['1:door', '2:door'])
})

test('a pause ends it in the middle of anything, also in a rest, and no life follows', async () => {
  const scripts: Readonly<Record<string, readonly Step[]>> = {
    'its start': [{ deaf: true }, { freeze: true }],
    'its work': [ready(), INFER],
    'opening the device again': [ready(), { deaf: true }, recovering('NPU_TIMEOUT')],
    'a rest': [failed('MODEL_MISSING')],
  }
  for (const [name, script] of Object.entries(scripts)) {
    await using run = supervise([script])
    const { supervisor, engines, until } = run
    await until(`${name} is reached`, () => engines.lives('hailo') === 1 && (name === 'its start' || supervisor.ready || supervisor.fault))
    await supervisor.pause()
    assert.is(supervisor.gone, 'detection is stopped', name)
    assert.equal(engines.pids.filter(lives), [], name)
    assert.is(engines.lives('hailo'), 1, name)
    assert.is(supervisor.fault, null, name)
  }
})

test('the end of the agent is no fault of the engine', async () => {
  await using run = supervise([[ready()]])
  const { supervisor, engines, until, log, ending } = run
  await until('it works', () => supervisor.ready)
  process.kill(engines.pids[0] ?? 0, 'SIGTERM')
  ending.abort()
  await supervisor[Symbol.asyncDispose]()
  assert.equal(
    log.lines.filter(([level]) => level === 'error'),
    [],
  )
})

test('an engine that is killed from outside is told with its signal, and comes back', async () => {
  await using run = supervise([[ready()]])
  const { supervisor, engines, until, log, seen } = run
  await until('it works', () => supervisor.ready)
  process.kill(engines.pids[0] ?? 0, 'SIGKILL')
  await until('it comes back', () => engines.lives('hailo') === 2 && supervisor.ready)
  assert.match(log.text, /ended by SIGKILL/)
  assert.ok(seen.some((gone) => gone?.includes('[ENGINE_DIED]')))
  assert.is(supervisor.health.npu?.report.recoveries, 1)
})

test('an engine that takes long to start and then fails at once has not run well', async () => {
  const script: readonly Step[] = [{ until: 'go' }, ready(), failed('NPU_FAILED')]
  await using run = supervise([[ready(), failed('NPU_FAILED')], script, [{ until: 'never' }]], LONG, 3_000)
  const { supervisor, engines, until } = run
  await until('the second life starts', () => engines.lives('hailo') === 2)
  await new Promise((resolve) => setTimeout(resolve, 3_200))
  engines.signal('go')
  await until('it has failed too', () => engines.lives('hailo') === 3)
  assert.is(supervisor.health.npu?.failures, 2)
})

test('an engine that the kernel does not let go holds up neither a pause nor the end, and has no successor before it is gone', async () => {
  await using run = supervise([[ready(), INFER]])
  const { supervisor, engines, until, frames, log } = run
  await until('frames come', () => frames.length > 0)
  await using held = await holdProcess(engines.pids[0] ?? 0)
  if (!held) return skip('this machine lets nobody hold a process')
  await supervisor.pause()
  assert.is(supervisor.gone, 'detection is stopped')
  supervisor.serve()
  supervisor.start()
  await until('it is said', () => log.text.includes(`error engine: its process ${engines.pids[0] ?? 0} does not end`))
  assert.match(log.text, /does not end: .*Restart the machine/)
  assert.is(engines.lives('hailo'), 1, 'the device has one owner')
  await supervisor.pause()
  supervisor.serve()
  supervisor.start()
  await held.letGo()
  await until('the next one has the rings', () => engines.attached('hailo').length === 2)
})

test('an engine that the kernel does not let go is told, and replaced once it is gone', async () => {
  await using run = supervise([[ready(), INFER]])
  const { supervisor, engines, until, log, frames } = run
  await until('frames come', () => frames.length > 0)
  const pid = engines.pids[0] ?? 0
  await using held = await holdProcess(pid)
  if (!held) return skip('this machine lets nobody hold a process')
  process.kill(pid, 'SIGKILL')
  supervisor.watch([{ id: 'door', waitingSinceMs: 0, lastInferenceMs: null, detectFps: 30 }])
  await until('it is silent', () => {
    supervisor.watch([{ id: 'door', waitingSinceMs: 0, lastInferenceMs: null, detectFps: 30 }])
    return supervisor.ready === null
  })
  assert.match(supervisor.gone ?? '', /\[ENGINE_SILENT\]/)
  await until('it is said', () => log.text.includes(`error engine: its process ${pid} does not end`))
  assert.is(engines.lives('hailo'), 1, 'the device has one owner')
  await held.letGo()
  await until('the next one has the rings', () => engines.attached('hailo').length === 2)
})

test('an engine that gets its rings late has its time from then on', async () => {
  await using run = supervise([[{ deaf: true }, ready()], [ready()]])
  const { supervisor, engines, until } = run
  await until('it was given the ring', () => engines.attached('hailo').length === 1)
  await supervisor.leave()
  await until('the next works', () => engines.lives('hailo') === 2 && supervisor.ready)
  const idle = { id: 'door', waitingSinceMs: 0, lastInferenceMs: null, detectFps: 30 }
  await new Promise((resolve) => setTimeout(resolve, 3_100))
  supervisor.serve()
  supervisor.watch([idle])
  assert.ok(supervisor.ready, 'what it was not given it owes to nobody')
})

test.run()
