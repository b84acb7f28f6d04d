import { existsSync, readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentProcess } from '../support/agent-process.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { EvalFolder } from './headcount-eval.ts'
import { SQUARE, standingTruth, truthText, writeClip, writeGreyClip } from './painted-clip.ts'

const FRAMES = 40
const NULL = { HEADCOUNT_DETECTOR_BACKEND: 'null:1' }

const test = suite('headcount eval')

/** A folder with a clip in which three people stand, and its truth. */
async function standing(shape = SQUARE) {
  const folder = new EvalFolder()
  const clip = folder.file('hall.avi')
  await writeGreyClip(clip, FRAMES, shape)
  return { folder, clip, truth: folder.write('hall.jsonl', standingTruth(FRAMES)), [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

test('somebody who walks over the line and back is found, told and counted', async () => {
  using folder = new EvalFolder()
  await using npu = await SimulatedNpu.make()
  // The simulated NPU answers one person, whose place is the colour in the middle.
  const model = await npu.hef('walk', { detector: { kind: 'echo' } })
  const away = Array.from({ length: 30 }, (_, step) => 26 + step * 6)
  const reds = [...Array.from({ length: 10 }, () => 26), ...away, ...away.toReversed(), ...Array.from({ length: 10 }, () => 26)]
  const clip = folder.file('walk.avi')
  await writeClip(
    clip,
    reds.map((red) => [red, 77, 128]),
  )
  const truth = folder.write('walk.jsonl', truthText(reds.map((red) => [[red / 256, 77 / 256, red / 256 + 0.1, 77 / 256 + 0.2]])))
  // The middle of the box is 0.05 behind its edge.
  const over = away.findIndex((red) => red / 256 + 0.05 >= 0.5)
  const events = [
    [10 + over, 'L->R'],
    [10 + 30 + 30 - over, 'R->L'],
  ]
  const crossings = folder.write('crossings.json', { walk: { line: { x: 0.5, orientation: 'vertical' }, LtoR: 1, RtoL: 1, events } })
  const report = await folder.report([clip, truth, '--crossings', crossings], {
    ...npu.env,
    HEADCOUNT_DETECTOR_BACKEND: 'hailo',
    HEADCOUNT_DETECTOR_MODEL: model,
  })
  const { fps, detector, ...scores } = report
  assert.ok(fps > 0)
  assert.is(detector, 'hailo (walk.hef)')
  assert.equal(scores, {
    ...{ frames: 80, scored: 80, unknown: 1, precision: 1, recall: 1, countMae: 0, exact: 1, idSwitches: 0 },
    ...{ publishedMae: 0, publishedDelayMs: null, lastingChanges: 0, changesTold: 0 },
    ...{ publishedChangesPerMinute: 0, trueChangesPerMinute: 0 },
    crossings: { line: { in: 1, out: 1, expectedIn: 1, expectedOut: 1, missed: 0, extra: 0 } },
  })
})

test('people are told in a table, errors nowhere but on stderr, progress only on a terminal', async () => {
  using hall = await standing()
  const { code, out, err } = await hall.folder.run([hall.clip, hall.truth], NULL)
  assert.equal([code, err], [0, ''])
  assert.match(out, /^detector +null:1$/m)
  assert.match(out, /^frames +40 +40 scored, 0 ambiguous; the count of 1 was not known$/m)
  assert.match(out, /^recall +1\.000 /m)
})

test('a stream of the configuration brings its lines, its excluded parts and its turn', async () => {
  using hall = await standing({ ...SQUARE, width: 96 })
  const stream = {
    ...{
      id: 'hall',
      source: 'test',
      rotate: 90,
      exclude: [
        [
          [0.35, 0.7],
          [0.55, 0.7],
          [0.55, 0.9],
          [0.35, 0.9],
        ],
      ],
    },
    lines: [
      { id: 'far', from: [0.9, 0], to: [0.9, 1] },
      { id: 'door', from: [0.3, 1], to: [0.3, 0] },
    ],
  }
  const config = hall.folder.write('config.yaml', { streams: [stream] })
  const crossings = hall.folder.write('crossings.json', { hall: { line: { x: 0.3 }, LtoR: 2, RtoL: 1 } })
  const args = [hall.clip, hall.truth, '--crossings', crossings, '--config', config]
  const report = await hall.folder.report([...args, '--stream', 'hall'], NULL)
  assert.equal([report.countMae, report.exact, report.publishedMae, report.precision, report.recall], [1, 0, 1, 1, 2 / 3])
  // Drawn upwards, `in` is to the left.
  const nobody = { in: 0, out: 0, extra: 0 }
  assert.equal(report.crossings, {
    far: { in: 0, out: 0, expectedIn: null, expectedOut: null, missed: null, extra: null },
    door: { ...nobody, expectedIn: 1, expectedOut: 2, missed: 3 },
  })
  const { code, out, err } = await hall.folder.run([...args, '--json'], NULL)
  assert.is(code, 0, err)
  assert.match(err, '--stream says whose')
  const without = JSON.parse(out) as typeof report
  assert.equal([without.exact, Object.keys(without.crossings)], [1, ['line']])
})

test('an agent that runs in the same folder is not disturbed, and nothing is left in it', async () => {
  using hall = await standing()
  await using agent = await AgentProcess.start({
    config: { detector: { backend: 'null:10' }, streams: [{ id: 'cam', source: 'test' }], mqtt: { url: 'mqtt://127.0.0.1:1' } },
  })
  const before = readdirSync(agent.runtimeDir).sort()
  const report = await hall.folder.report([hall.clip, hall.truth], { ...NULL, HEADCOUNT_RUNTIME_DIR: agent.runtimeDir })
  assert.is(report.exact, 1)
  assert.equal(readdirSync(agent.runtimeDir).sort(), before)
  assert.is(agent.process.exitCode, null)
  assert.ok(existsSync(`${agent.runtimeDir}/rings/cam.1.ring`))
  assert.is((await agent.get('/health')).status, 200)
})

test.run()
