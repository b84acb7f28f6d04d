import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Backend } from '../../agent/engine/messages.ts'
import { Detection } from '../../agent/supervise/detection.ts'
import { RingsForTest, writeFrame } from '../engine/rings-for-test.ts'
import { eventually } from '../support/eventually.ts'
import { lives } from '../support/process-tree.ts'
import { keepLog } from './kept-log.ts'
import { detectorOrder, failed, ready, recovering, SCRIPTED_ENTRY, ScriptedEngines, type Step } from './scripted-engines.ts'

const test = suite('detection')

const INFER: Step = { infer: true }
const LIMITS = { readyMs: 60_000, recoverMs: 60_000 }
const HOG = [[ready('hog'), INFER]]

interface Setup {
  readonly hailo: readonly (readonly Step[])[]
  /** null: nothing stands in. */
  readonly hog?: readonly (readonly Step[])[] | null
  readonly fallbackAfterMs?: number
  readonly firstRestMs?: number
}

/** A detection with scripted engines and one stream, and everything that is heard of it. */
function detect({ hailo, hog = HOG, fallbackAfterMs = 300, firstRestMs = 1 }: Setup) {
  const engines = new ScriptedEngines({ hailo, hog: hog ?? [] })
  const log = keepLog()
  const ending = new AbortController()
  const frames: { readonly by: Backend | undefined; readonly stream: string; readonly epoch: number; readonly known: boolean }[] = []
  /** Whenever something changed: why nobody infers, and whether the CPU does. */
  const seen: { readonly gone: string | null; readonly cpu: boolean }[] = []
  const detection = new Detection({
    detector: detectorOrder('hailo'),
    fallback: hog && detectorOrder('hog', true),
    fallbackAfterMs,
    firstRestMs,
    driverReload: false,
    env: engines.env,
    doorbellsPath: '/nowhere',
    doorbell: 1,
    log,
    ending: ending.signal,
    onFrames: (reports, epoch) =>
      frames.push(...reports.map(({ stream }) => ({ by: detection.ready?.backend, stream, epoch, known: detection.gone === null }))),
    onChange: () => seen.push({ gone: detection.gone, cpu: detection.cpuFallback }),
    onEnded: () => undefined,
    entry: SCRIPTED_ENTRY,
    limits: LIMITS,
  })
  const attach = (stream: string) => detection.attach({ stream, ringPath: `/nowhere/${stream}.ring`, detectFps: 30, weight: 1 })
  attach('door')
  const until = (what: string, ask: () => unknown) =>
    eventually(ask, { what, withinMs: 30_000, log: () => `${log.text}\n${engines.noted.map((each) => JSON.stringify(each)).join('\n')}` })
  return {
    detection,
    engines,
    log,
    ending,
    frames,
    seen,
    attach,
    until,
    /** Waits for a frame of the stream from an engine of that kind, which is newer than now. */
    frameBy: (backend: Backend, stream = 'door') => {
      const from = frames.length
      return until(`${backend} infers ${stream}`, () => frames.slice(from).some((each) => each.by === backend && each.stream === stream))
    },
    [Symbol.asyncDispose]: async () => {
      await detection[Symbol.asyncDispose]()
      assert.equal(engines.pids.filter(lives), [], 'no process is left')
      assert.equal(
        engines.noted.filter(({ clash }) => clash !== undefined),
        [],
        'no ring ever had two engines',
      )
      assert.ok(
        frames.every(({ known }) => known),
        'no frame came while nobody was said to infer',
      )
      engines[Symbol.dispose]()
    },
  }
}

test('the NPU has the streams while it works, and no other engine is there', async () => {
  await using run = detect({ hailo: [[ready(), INFER]] })
  await run.frameBy('hailo')
  const { detection, engines } = run
  assert.is(detection.gone, null)
  assert.is(detection.cpuFallback, false)
  assert.is(engines.lives('hog'), 0)
  assert.is(detection.rung, null)
  assert.equal(
    detection.processes.map(({ title, pid }) => [title, pid !== null]),
    [
      ['headcount: engine hailo', true],
      ['headcount: engine hog', false],
    ],
  )
})

test('rings are made for the slower of the two engines that may have them', async () => {
  await using run = detect({ hailo: [[ready()]] })
  await using alone = detect({ hailo: [[ready()]], hog: null })
  assert.is(run.detection.detectorMs, 600)
  assert.is(run.detection.maxBatch, 8)
  assert.is(alone.detection.detectorMs, 100)
})

test('without a fallback nobody infers until the NPU is back', async () => {
  await using run = detect({
    hailo: [
      [ready(), { until: 'break' }, failed('NPU_TIMEOUT')],
      [{ until: 'mend' }, ready(), INFER],
    ],
    hog: null,
  })
  const { detection, engines, until } = run
  await until('it works', () => detection.ready)
  engines.signal('break')
  await until('it is gone', () => engines.lives('hailo') === 2)
  assert.match(detection.gone ?? '', /\[NPU_TIMEOUT\]/)
  assert.is(detection.rung, 'respawn')
  engines.signal('mend')
  await run.frameBy('hailo')
  assert.equal(detection.npu?.recoveries, 1)
})

test('an NPU that comes back soon keeps the streams', async () => {
  await using run = detect({ hailo: [[ready(), INFER, { until: 'break' }, recovering('NPU_TIMEOUT'), ready()]], fallbackAfterMs: 60_000 })
  await run.frameBy('hailo')
  run.engines.signal('break')
  await run.until('it was gone', () => run.seen.some(({ gone }) => gone?.includes('[NPU_TIMEOUT]')))
  await run.frameBy('hailo')
  assert.is(run.engines.lives('hailo') + run.engines.lives('hog'), 1)
})

test('the CPU takes over from an NPU that hangs, says so, and gives the streams back', async () => {
  const hangs: readonly Step[] = [ready(), INFER, { until: 'break' }, { deaf: true }, recovering('NPU_TIMEOUT')]
  await using run = detect({ hailo: [hangs, [{ until: 'mend' }, ready(), INFER]] })
  const { detection, engines, until, seen, frames, log } = run
  await run.frameBy('hailo')
  engines.signal('break')
  await run.frameBy('hog')
  assert.is(detection.cpuFallback, true)
  assert.is(detection.ready?.backend, 'hog')
  assert.is(detection.gone, null)
  assert.is(detection.fault, null)
  assert.not(lives(engines.noted.find(({ backend }) => backend === 'hailo')?.pid ?? 0), 'the one that hung is gone')
  assert.ok(
    engines.noted.some((each) => each.backend === 'hog' && each.cpuFallback),
    'the engine knows what it is',
  )
  // A stream that comes meanwhile.
  run.attach('hall')
  await run.frameBy('hog', 'hall')
  await until('the NPU is tried again', () => engines.lives('hailo') === 2)
  assert.equal(engines.attached('hailo'), ['1:door'], 'without streams')
  assert.is(detection.rung, 'respawn')

  engines.signal('mend')
  await run.frameBy('hailo')
  await run.frameBy('hailo', 'hall')
  assert.is(detection.cpuFallback, false)
  assert.is(detection.rung, null)
  await until('the CPU engine has ended', () => detection.processes.filter(({ pid }) => pid !== null).length === 1)
  assert.equal(engines.attached('hailo'), ['1:door', '2:door', '2:hall'])
  assert.ok(
    seen.every(({ gone, cpu }) => gone !== null || detection.ready !== null || cpu),
    'it was never said to work without an engine',
  )
  const epochs = new Map(frames.map(({ epoch, by }) => [epoch, by]))
  assert.equal([...epochs.values()], ['hailo', 'hog', 'hailo'], 'each life has a number of its own')
  assert.match(log.text, /The CPU detects until the NPU works again\n(.*\n)*info The NPU detects again/)
})

test('what never worked is stood in for, at once if it does not pass by itself', async () => {
  await using run = detect({ hailo: [[failed('BACKEND_UNAVAILABLE')]], fallbackAfterMs: 3_600_000 })
  await run.frameBy('hog')
  assert.is(run.detection.cpuFallback, true)
  assert.is(run.engines.lives('hailo'), 1)
})

test('a fallback that is not needed any more before it could begin is ended', async () => {
  const hog = [[{ until: 'never' }, ready('hog'), INFER]]
  await using run = detect({ hailo: [[ready(), { until: 'break' }, recovering('NPU_TIMEOUT'), { until: 'mend' }, ready(), INFER]], hog })
  const { detection, engines, until } = run
  await until('it works', () => detection.ready)
  engines.signal('break')
  await until('the CPU starts', () => engines.lives('hog') === 1)
  engines.signal('mend')
  await run.frameBy('hailo')
  await until('the CPU engine has ended', () => detection.processes.filter(({ pid }) => pid !== null).length === 1)
  assert.equal(engines.attached('hog'), [])
  assert.equal(engines.attached('hailo'), ['1:door'], 'the NPU kept the ring')
})

test('a CPU engine that dies comes back while the NPU is down', async () => {
  const hog = [
    [ready('hog'), INFER, { until: 'crash' }, { exit: 1 } as const],
    [ready('hog'), INFER],
  ]
  await using run = detect({ hailo: [[failed('NPU_MISSING')]], hog })
  await run.frameBy('hog')
  run.engines.signal('crash')
  await run.until('nobody infers', () => run.detection.gone?.includes('[ENGINE_DIED]'))
  await run.frameBy('hog')
  assert.equal(run.engines.attached('hog'), ['1:door', '2:door'])
})

test('NPU and CPU take turns as often as the NPU fails, and never have a ring at once', async () => {
  const turns = ['a', 'b', 'c']
  await using run = detect({ hailo: [...shaky(turns), [{ until: 'never' }]] })
  for (const turn of turns) {
    run.engines.signal(`mend-${turn}`)
    await run.frameBy('hailo')
    run.engines.signal(`break-${turn}`)
    await run.frameBy('hog')
  }
  assert.is(run.detection.npu?.recoveries, 2)
  assert.is(run.engines.lives('hog'), 3)
})

/** Works after each `mend`, fails after each `break`. */
function shaky(turns: readonly string[]): Step[][] {
  return turns.map((turn) => [{ until: `mend-${turn}` }, ready(), INFER, { until: `break-${turn}` }, failed('NPU_FAILED')])
}

test('an NPU that fails again soon after it got the streams back leaves them to the CPU, although it answers', async () => {
  await using run = detect({ hailo: shaky(['a', 'b', 'c']), firstRestMs: 3_600_000 })
  const { engines, detection } = run
  for (const turn of ['a', 'b']) {
    engines.signal(`mend-${turn}`)
    await run.frameBy('hailo')
    engines.signal(`break-${turn}`)
    await run.frameBy('hog')
  }
  engines.signal('mend-c')
  await run.until('the NPU answers', () => detection.npu?.recoveries === 2)
  await run.frameBy('hog')
  assert.is(detection.cpuFallback, true)
  assert.is(detection.gone, null)
  assert.equal(engines.attached('hailo'), ['1:door', '2:door'], 'the third life has no ring')
  assert.match(run.log.text, /warn The NPU failed again soon after it had come back: the CPU is to detect for the next 300 s/)
  // Begun anew by somebody: that has a reason.
  await detection.pause()
  run.attach('door')
  await run.frameBy('hailo')
})

test('an NPU that has rested gets the streams back', async () => {
  await using run = detect({ hailo: shaky(['a', 'b', 'c']), firstRestMs: 2_000 })
  for (const turn of ['a', 'b']) {
    run.engines.signal(`mend-${turn}`)
    await run.frameBy('hailo')
    run.engines.signal(`break-${turn}`)
    await run.frameBy('hog')
  }
  run.engines.signal('mend-c')
  await run.frameBy('hailo')
})

test('nobody stands in for an NPU that fails again and again where nothing may', async () => {
  await using run = detect({ hailo: shaky(['a', 'b', 'c']), hog: null, firstRestMs: 3_600_000 })
  for (const turn of ['a', 'b', 'c']) {
    run.engines.signal(`mend-${turn}`)
    await run.frameBy('hailo')
    run.engines.signal(`break-${turn}`)
    await run.until('it is down', () => run.detection.ready === null)
  }
  assert.not.match(run.log.text, /CPU/)
})

for (const [when, ask] of [
  ['while the CPU stands in', (run: ReturnType<typeof detect>) => run.frameBy('hog')],
  ['while the CPU starts', (run: ReturnType<typeof detect>) => run.until('it starts', () => run.engines.lives('hog') === 1)],
  ['while the NPU is tried', (run: ReturnType<typeof detect>) => run.until('it is tried', () => run.engines.lives('hailo') === 1)],
  [
    'while the streams move',
    async (run: ReturnType<typeof detect>) => {
      await run.frameBy('hog')
      run.engines.signal('mend')
      await run.until('they move', () => run.detection.ready === null)
    },
  ],
] as const) {
  test(`a pause ends both engines ${when}, and the next stream brings detection back`, async () => {
    // Deaf to SIGTERM: the move takes a while, and an engine that is left goes on to say what it sees.
    const hog = [[{ deaf: true } as const, ready('hog'), INFER]]
    await using run = detect({ hailo: [[failed('NPU_MISSING')], [{ until: 'mend' }, ready(), INFER]], hog })
    const { detection, engines, attach } = run
    await ask(run)
    const count = run.frames.length
    await detection.pause()
    assert.equal(engines.pids.filter(lives), [])
    assert.is(detection.gone, 'detection is stopped')
    assert.is(detection.cpuFallback, false)
    assert.is(run.frames.length, count)
    detection.detach('door')
    engines.signal('mend')
    attach('hall')
    await run.frameBy('hailo', 'hall')
  })
}

test('the end of the agent in the middle of a move leaves nothing behind', async () => {
  await using run = detect({ hailo: [[ready(), INFER, { until: 'break' }, { deaf: true }, recovering('NPU_TIMEOUT')]] })
  await run.frameBy('hailo')
  run.engines.signal('break')
  await run.until('the CPU starts', () => run.engines.lives('hog') === 1)
  run.ending.abort()
})

test('a real engine writes into the ring that the CPU made its results', async () => {
  using rings = new RingsForTest()
  const ring = rings.create('door', { slotCount: 64 })
  const writer = rings.writer(ring)
  const log = keepLog()
  const results = { count: 0 }
  await using detection = new Detection({
    detector: detectorOrder('hailo'),
    fallback: detectorOrder('null:5', true),
    fallbackAfterMs: 300,
    driverReload: false,
    env: { ...process.env, HAILORT_LIB: '/nowhere/libhailort.so' },
    doorbellsPath: rings.doorbellsPath,
    doorbell: 1,
    log,
    ending: new AbortController().signal,
    onFrames: (frames) => {
      results.count += frames.length
    },
    onChange: () => undefined,
    onEnded: () => undefined,
  })
  detection.attach({ stream: 'door', ringPath: rings.pathOf('door'), detectFps: 100, weight: 1 })
  let index = 0
  const camera = setInterval(() => writeFrame(writer, index++), 20)
  try {
    await eventually(() => results.count > 3, { what: 'frames come', withinMs: 60_000, log: () => log.text })
  } finally {
    clearInterval(camera)
  }
  const newest = ring.resultHead
  const written = Array.from({ length: Math.min(30, newest) }, (_, back) => ring.readResults(newest - back)).filter((each) => each !== null)
  assert.ok(written.length > 0)
  assert.ok(written.every(({ cpuFallback }) => cpuFallback))
  assert.is(detection.cpuFallback, true)
})

test.run()
