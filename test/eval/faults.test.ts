import { readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EvalFolder } from './headcount-eval.ts'
import { SQUARE, standingTruth, writeGreyClip } from './painted-clip.ts'

const FRAMES = 30
const NULL = { HEADCOUNT_DETECTOR_BACKEND: 'null:1' }

const test = suite('headcount eval, faults')

/** A folder with a clip and its truth, and a look at what a run answers that must fail. */
async function broken() {
  const folder = new EvalFolder()
  const clip = folder.file('hall.avi')
  await writeGreyClip(clip, FRAMES)
  const truth = folder.write('hall.jsonl', standingTruth(FRAMES))
  const refused = async (
    args: readonly string[],
    says: RegExp,
    { code = 1, env = NULL }: { code?: number; env?: NodeJS.ProcessEnv } = {},
  ) => {
    const ended = await folder.run([...args, '--json'], env)
    assert.is(ended.code, code, `${args.join(' ')}: ${ended.err}`)
    assert.is(ended.out, '')
    assert.match(ended.err, says)
    assert.not.match(ended.err, 'at file:')
    assert.equal(readdirSync(folder.runtimeDir), [], 'nothing is left in memory')
  }
  return { folder, clip, truth, refused, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

test('a clip that is not there, or that is no video', async () => {
  using hall = await broken()
  await hall.refused([hall.folder.file('none.avi'), hall.truth], /none\.avi.*\[SOURCE_MISSING\]/)
  await hall.refused([hall.truth, hall.truth], /hall\.jsonl.*\[SOURCE_UNREADABLE\]/)
  await hall.refused([hall.folder.path, hall.truth], /\[SOURCE_UNREADABLE\]/)
})

test('a truth that is not there, is broken, or is of another clip', async () => {
  using hall = await broken()
  const { folder, clip, refused } = hall
  await refused([clip, folder.file('none.jsonl')], /Cannot read .*none\.jsonl \(ENOENT\).*\[TRUTH_UNREADABLE\]/)
  await refused([clip, folder.path], /\(EISDIR\).*\[TRUTH_UNREADABLE\]/)
  await refused([clip, clip], /line 1 is not JSON.*\[TRUTH_INVALID\]/)
  await refused([clip, folder.write('short.jsonl', standingTruth(FRAMES - 1))], /29 frames, but the clip goes on\..*\[TRUTH_INVALID\]/)
  await refused([clip, folder.write('long.jsonl', standingTruth(FRAMES + 1))], /31 frames, but the clip has 30\..*\[TRUTH_INVALID\]/)
  await refused([clip, folder.write('fast.jsonl', standingTruth(FRAMES, 25))], /25 frames a second; this one has 10\..*\[TRUTH_INVALID\]/)
  // Near enough to what the container announces: only the frames' own times tell.
  await refused(
    [clip, folder.write('near.jsonl', standingTruth(FRAMES, 10.5))],
    /10\.5 frames a second; this one has 10\..*\[TRUTH_INVALID\]/,
  )
})

test('crossings that are not there, of another clip, or of a line that the stream has not', async () => {
  using hall = await broken()
  const { folder, refused } = hall
  const args = [hall.clip, hall.truth, '--crossings']
  await refused([...args, folder.file('none.json')], /\[TRUTH_UNREADABLE\]/)
  await refused([...args, folder.write('two.json', { a: {}, b: {} })], /tells nothing of "hall"; it knows a, b\..*\[TRUTH_INVALID\]/)
  const entry = { line: { x: 0.5 }, LtoR: 1, RtoL: 0, eventFrames: [FRAMES] }
  const crossings = folder.write('crossings.json', { hall: entry })
  await refused([...args, crossings], /tells of frame 30, but the clip has 30 frames\..*\[TRUTH_INVALID\]/)
  const streams = [
    { id: 'bare', source: 'test' },
    { id: 'far', source: 'test', lines: [{ id: 'door', from: [0.3, 0], to: [0.3, 1] }] },
    { id: 'flat', source: 'test', lines: [{ id: 'door', from: [0.48, 0.5], to: [0.52, 0.5] }] },
  ]
  const config = folder.write('config.yaml', { streams })
  const configured = [...args, crossings, '--config', config, '--stream']
  await refused([...configured, 'bare'], /Stream "bare" has no line.*leave out --stream.*\[TRUTH_INVALID\]/)
  await refused([...configured, 'far'], /No line of stream "far" stands at x = 0\.5.*\[TRUTH_INVALID\]/)
  await refused([...configured, 'flat'], /No line of stream "flat".*\[TRUTH_INVALID\]/)
  await refused([...configured, 'none'], /no stream "none"\. Name one of bare, far, flat\. \[NOT_FOUND\]/)
  await refused([hall.clip, hall.truth, '--stream', 'none'], /no stream "none"\. It has none at all.*\[NOT_FOUND\]/)
})

test('wrong usage, a wrong configuration, a model that is missing', async () => {
  using hall = await broken()
  const { folder, clip, truth, refused } = hall
  await refused([clip], /\[USAGE\]/, { code: 2 })
  await refused([clip, truth, 'more'], /\[USAGE\]/, { code: 2 })
  await refused([clip, truth, '--strem', 'x'], /\[USAGE\]/, { code: 2 })
  await refused([clip, truth, '--config', folder.write('wrong.yaml', 'log: { level: fog }')], /\[CONFIG_INVALID\]/, { code: 78 })
  await refused([clip, truth, '--config', folder.file('none.yaml')], /\[CONFIG_UNREADABLE\]/, { code: 78 })
  await refused([clip, truth], /\[MODEL_MISSING\]/, { env: { HEADCOUNT_DETECTOR_BACKEND: 'onnx' } })
  const env = { HEADCOUNT_DETECTOR_BACKEND: 'onnx', HEADCOUNT_DETECTOR_MODEL: truth }
  await refused([clip, truth], /\[MODEL_UNREADABLE\]/, { env })
})

test('a detector that sees nobody yet has no figures of counts, and says so', async () => {
  using folder = new EvalFolder()
  const clip = folder.file('blink.avi')
  await writeGreyClip(clip, 2, { ...SQUARE, fps: 1 })
  const report = await folder.report([clip, folder.write('blink.jsonl', standingTruth(2, 1))], NULL)
  assert.equal([report.frames, report.scored, report.unknown, report.countMae, report.publishedDelayMs], [2, 2, 1, 0, null])
})

test.run()
