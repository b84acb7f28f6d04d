import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { type HefChip, HW_ARCH, parseHefHeader, readHefHeader } from 'hailort-node/hef'
import { type SimulatedNetwork, simulatedHefBytes, writeSimulatedHef } from 'hailort-node/simulated-hef'
import { simulatedModels, writeSimulatedModels } from 'hailort-node/simulated-models'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Tree } from '../support/tree.ts'

const network: SimulatedNetwork = {
  name: 'größe',
  input: { name: 'größe/input', width: 768, height: 432 },
  outputs: [{ name: 'größe/nms', nms: { classes: 80, maxPerClass: 100, onCpu: false } }],
  fps: null,
  detector: { kind: 'script', frames: [[[0.1, 0.2, 0.3, 0.4, 0.9, 0]], []] },
}

const test = suite('simulated HEF')

test('has the header of a real file, whatever the chip and the size of the network', () => {
  for (const chip of Object.keys(HW_ARCH) as HefChip[]) {
    for (const frames of [[], Array.from({ length: 2_000 }, () => [[0, 0, 1, 1, 0.5, 0]] as const)]) {
      const bytes = simulatedHefBytes({ chip, sdkVersion: '3.31.0', network: { ...network, detector: { kind: 'script', frames } } })
      assert.equal(parseHefHeader(bytes), { version: 1, chip, sdkVersion: '3.31.0' })
      assert.equal(parseHefHeader(bytes.subarray(0, 1_024)), { version: 1, chip, sdkVersion: '3.31.0' })
    }
  }
})

test('is, byte by byte, what the simulator expects', () => {
  const bytes = Buffer.from(simulatedHefBytes({ chip: 'hailo8l', sdkVersion: '3.31.0', network }))
  const json = Buffer.from(JSON.stringify(network))
  const message = Buffer.concat([Buffer.from('0803' + '1080f8a5f9c132' + '1a06', 'hex'), Buffer.from('3.31.0')])
  const key = Buffer.from([0xc2, 0x3e, (json.length % 128) + 128, Math.floor(json.length / 128)])
  const protobuf = Buffer.concat([Buffer.from([0x0a, message.length]), message, key, json])
  assert.is(bytes.toString('hex', 0, 8), '0148454600000001')
  assert.is(bytes.readUInt32BE(8), protobuf.length)
  assert.is(bytes.toString('hex', 12, 28), '00'.repeat(16))
  assert.is(bytes.toString('hex', 28), protobuf.toString('hex'))
})

test('a file is replaced whole, and a failed write leaves nothing behind', async () => {
  await using tree = await Tree.make({ 'old.hef': 'old', 'taken.hef/file': '' })
  const hef = { chip: 'hailo8', sdkVersion: '3.31.0', network } as const
  await writeSimulatedHef(tree.at('old.hef'), hef)
  assert.equal(new Uint8Array(await readFile(tree.at('old.hef'))), new Uint8Array(simulatedHefBytes(hef)))
  for (const path of [tree.at('taken.hef'), tree.at('missing/new.hef')]) {
    assert.instance(await writeSimulatedHef(path, hef).catch((error: unknown) => error), Error)
  }
  assert.equal((await readdir(tree.path)).sort(), ['old.hef', 'taken.hef'])
})

test('the models of the build are named, shaped and timed like the real ones', async () => {
  const names = ['yolov6n_h8', 'yolov6n_h8l', 'yolov8n_h8', 'yolov8n_h8l', 'yolov8s_h8', 'yolov8s_h8l'].map((name) => `${name}.hef`)
  assert.equal([...simulatedModels.keys()].sort(), names)
  assert.equal(simulatedModels.get('yolov8n_h8l.hef')?.network.fps, { 1: 202, 8: 438 })
  assert.equal(simulatedModels.get('yolov8n_h8.hef')?.network.fps, { 1: 1_036, 8: 1_036 })
  for (const [name, { chip, network: model }] of simulatedModels) {
    assert.is(chip, name.endsWith('_h8l.hef') ? 'hailo8l' : 'hailo8')
    const { input, outputs, detector } = model
    assert.equal([input.width, input.height, detector.kind], [640, 640, 'hog'])
    assert.equal(
      outputs.map((output) => ('nms' in output ? [output.nms.classes, output.nms.maxPerClass] : null)),
      [[80, 100]],
    )
  }
})

test('writing the models again changes nothing but what is damaged or missing', async () => {
  await using tree = await Tree.make()
  const folder = tree.at('build/Release')
  await writeSimulatedModels(folder)
  assert.equal((await readdir(folder)).sort(), [...simulatedModels.keys()].sort())
  for (const [name, { chip }] of simulatedModels) assert.is((await readHefHeader(`${folder}/${name}`)).chip, chip)
  await utimes(`${folder}/yolov8n_h8.hef`, 1_000, 1_000)
  await writeFile(`${folder}/yolov8s_h8l.hef`, 'half')
  await rm(`${folder}/yolov6n_h8.hef`)
  await writeSimulatedModels(folder)
  assert.is((await stat(`${folder}/yolov8n_h8.hef`)).mtimeMs, 1_000_000)
  assert.is((await readHefHeader(`${folder}/yolov8s_h8l.hef`)).chip, 'hailo8l')
  assert.equal((await readdir(folder)).sort(), [...simulatedModels.keys()].sort())
})

test.run()
