import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Architecture } from 'hailort-node/hailort'
import type { HefChip } from 'hailort-node/hef'
import { type SimulatedNetwork, simulatedHefBytes } from 'hailort-node/simulated-hef'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bestHef, chooseHef } from '../../../agent/engine/detectors/hef-choice.ts'
import { AgentError } from '../../../agent/errors.ts'
import { Tree } from '../../support/tree.ts'

const network: SimulatedNetwork = {
  name: 'any',
  input: { name: 'in', width: 640, height: 640 },
  outputs: [],
  fps: null,
  detector: { kind: 'hog' },
}

const hefFor = (chip: HefChip) => simulatedHefBytes({ chip, sdkVersion: '3.31.0', network })

/** The best of files that are for the chip their name says. */
function best(architecture: Architecture, ...names: string[]): string | null {
  return bestHef(
    names.map((name) => ({ name, chip: /_h8l/.test(name) ? 'hailo8l' : 'hailo8' })),
    architecture,
  )
}

async function failure(folders: readonly string[], architecture: Architecture): Promise<AgentError> {
  const error: unknown = await chooseHef(folders, architecture).catch((caught: unknown) => caught)
  assert.instance(error, AgentError)
  return error as AgentError
}

const test = suite('choice of a HEF')

test('takes yolov8s before yolov8m, yolov8n, yolov6n and all others', () => {
  const names = ['yolox_tiny', 'yolov6n', 'yolov8n', 'yolov8m', 'yolov8s'].map((name) => `${name}_h8l.hef`)
  const taken: (string | null)[] = []
  for (let left = names; left.length > 0; left = left.filter((name) => name !== taken.at(-1))) taken.push(best('HAILO8L', ...left))
  assert.equal(taken, [...names].reverse())
})

test('takes a smaller model for the chip itself before a larger one for its smaller brother', () => {
  assert.is(best('HAILO8', 'yolov8s_h8l.hef', 'yolov6n_h8.hef'), 'yolov6n_h8.hef')
  assert.is(best('HAILO8', 'yolov8s_h8l.hef'), 'yolov8s_h8l.hef')
  assert.is(best('HAILO8L', 'yolov8s_h8.hef', 'yolov6n_h8l.hef'), 'yolov6n_h8l.hef')
  assert.is(best('HAILO8L', 'yolov8s_h8.hef'), null)
})

test('knows the names under which the models are handed out', () => {
  for (const suffix of ['_h8l', '_h8l_pi', '_h8l_rpi', '_h8l_mz', '']) {
    const name = `yolov8s${suffix}.hef`
    assert.is(bestHef([{ name, chip: 'hailo8l' }], 'HAILO8L'), name)
  }
  assert.is(bestHef([{ name: 'yolov8m_h10.hef', chip: 'hailo15h' }], 'HAILO10H'), 'yolov8m_h10.hef')
})

test('never takes a model that is no detector of 80 classes', () => {
  const others = [
    'yolov8s_pose_h8l_pi.hef',
    'yolov5n_seg_h8l_mz.hef',
    'yolov5s_personface_h8l.hef',
    'yolov8s-seg_h8l.hef',
    'resnet_v1_50_h8l.hef',
    'scrfd_2.5g_h8l.hef',
    'my_yolov8s_h8l.hef',
    'yolov8s_h8l_custom.hef',
    '.hef',
  ]
  for (const name of others) assert.is(best('HAILO8L', name), null, name)
  assert.is(best('HAILO8L', ...others, 'yolov6n_h8l.hef'), 'yolov6n_h8l.hef')
})

test('believes the header and not the name', async () => {
  await using tree = await Tree.make({ 'm/yolov8s_h8l.hef': hefFor('hailo8'), 'm/yolov8n_h8.hef': hefFor('hailo8l') })
  assert.is(await chooseHef([tree.at('m')], 'HAILO8L'), tree.at('m/yolov8n_h8.hef'))
})

test('takes the first folder that has one', async () => {
  await using tree = await Tree.make({
    'a/yolov8s_h8.hef': hefFor('hailo8'),
    'b/yolov6n_h8l.hef': hefFor('hailo8l'),
    'c/yolov8s_h8l.hef': hefFor('hailo8l'),
  })
  const folders = ['none', 'a', 'b', 'c'].map((name) => tree.at(name))
  assert.is(await chooseHef(folders, 'HAILO8L'), tree.at('b/yolov6n_h8l.hef'))
})

test('passes over damaged files and folders', async () => {
  await using tree = await Tree.make({
    'm/yolov8s_h8l.hef': 'half',
    'm/yolov8m_h8l.hef': '',
    'm/yolov8n_h8l.hef/file': '',
    'm/yolov6n_h8l.hef': hefFor('hailo8l'),
  })
  assert.is(await chooseHef([tree.at('m')], 'HAILO8L'), tree.at('m/yolov6n_h8l.hef'))
})

test('without a model it lists what was found and why it does not fit', async () => {
  await using tree = await Tree.make({
    'm/yolov8s_h8.hef': hefFor('hailo8'),
    'm/yolov8s_pose_h8l_pi.hef': hefFor('hailo8l'),
    'm/yolov8m_h8l.hef': 'half',
    'm/readme.txt': '',
    'empty/readme.txt': '',
  })
  const { code, what, remedy } = await failure(
    ['m', 'empty', 'none'].map((name) => tree.at(name)),
    'HAILO8L',
  )
  assert.is(code, 'MODEL_MISSING')
  assert.match(what, 'no model for the Hailo-8L')
  assert.match(what, `${tree.at('m')} has yolov8m_h8l.hef (damaged, or for an unknown chip), yolov8s_h8.hef (for the Hailo-8), `)
  assert.match(what, 'yolov8s_pose_h8l_pi.hef (not known as a detector of people);')
  assert.match(what, `${tree.at('empty')} has no .hef file; ${tree.at('none')} is not there.`)
  assert.match(remedy, 'detector.model')
  assert.match((await failure([], 'HAILO8')).what, 'no folder was named')
})

test('finds the one that fits among more files than a process may open', async () => {
  const bad = Array.from({ length: 400 }, (_, n): [string, string] => [`a${n}.hef`, 'half'])
  await using tree = await Tree.make({ ...Object.fromEntries(bad), 'yolov8s_h8l.hef': hefFor('hailo8l') })
  const choice = new URL('../../../agent/engine/detectors/hef-choice.js', import.meta.url).href
  const script = `const { chooseHef } = await import('${choice}'); console.log(await chooseHef([process.argv[1]], 'HAILO8L'))`
  const limited = 'ulimit -n 100; exec "$0" --input-type=module -e "$1" "$2"'
  const { stdout } = await promisify(execFile)('sh', ['-c', limited, process.execPath, script, tree.path])
  assert.is(stdout.trim(), tree.at('yolov8s_h8l.hef'))
})

test('does not list a hundred files', async () => {
  await using tree = await Tree.make(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`yolov8s_${n}.hef`, hefFor('hailo8')])))
  const { what } = await failure([tree.path], 'HAILO8L')
  assert.match(what, 'and 88 more')
})

test.run()
