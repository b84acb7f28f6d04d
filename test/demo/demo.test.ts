import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dataFile } from '../support/data.ts'
import { eventually } from '../support/eventually.ts'
import { collectFrames } from '../support/mjpeg-frames.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { lives, processTree } from '../support/process-tree.ts'
import { Demo } from './demo-process.ts'

const test = suite('demo')

test('counts real people on MQTT, shows them, and leaves nothing behind after Ctrl-C', async () => {
  const clip = dataFile('vtest.avi')
  if (clip === null) return
  await using demo = await Demo.start(dirname(clip))
  const url = await demo.hears(/(http:\/\/127\.0\.0\.1:\d+)\/\?token=/)
  const token = await demo.hears(/\?token=(\S+)/)
  const brokerPort = await demo.hears(/mosquitto_sub -h 127\.0\.0\.1 -p (\d+) -v -t 'headcount\/#'/)
  {
    await using heard = await recordMqtt(`mqtt://127.0.0.1:${brokerPort}`)
    await heard.until('headcount/demo/vtest/count', (count) => Number(count) >= 1, 60_000)
    await using viewer = collectFrames(Number(new URL(url).port), '/api/streams/vtest/mjpeg', token)
    await eventually(() => viewer.frames.length > 0, { what: 'a viewer sees a picture', withinMs: 30_000 })
    assert.is(viewer.frames.at(-1)?.jpeg.readUInt16BE(0), 0xffd8)
  }
  await demo.hears(/(\d+ (people|person) in view)/)

  const tree = processTree(demo.process.pid ?? 0)
  assert.ok(tree.length >= 4, 'agent, capture, engine and broker')
  demo.process.kill('SIGINT')
  assert.is(await demo.exited(), 0, demo.said)
  await eventually(() => !tree.some(lives), { what: 'no process is left' })
  assert.not(existsSync(demo.runtime))
})

test('shows the test picture, in which there is nobody, when no clip can be had', async () => {
  await using empty = await Demo.start(null)
  await empty.hears(/(No clip of people)/)
  await empty.hears(/(0 people in view)/)
  empty.process.kill('SIGTERM')
  assert.is(await empty.exited(), 0, empty.said)
  assert.not(existsSync(empty.runtime))
})

test('ends quietly on Ctrl-C while its broker is still starting', async () => {
  await using demo = await Demo.start(null, { programs: { mosquitto: 'touch "$HOME/starting"; exec sleep 60' } })
  await eventually(() => existsSync(join(demo.home, 'starting')), { what: 'the broker starts', withinMs: 30_000, log: () => demo.said })
  demo.process.kill('SIGINT')
  assert.is(await demo.exited(), 0, demo.said)
  assert.not.match(demo.said, 'SIGINT')
  assert.not.match(demo.said, / at .*:\d+/)
  assert.not(existsSync(demo.runtime))
})

test('killed at once it leaves no process', async () => {
  const clip = dataFile('vtest.avi')
  if (clip === null) return
  await using demo = await Demo.start(dirname(clip))
  await demo.hears(/(in view)/)
  const tree = processTree(demo.process.pid ?? 0)
  demo.process.kill('SIGKILL')
  await eventually(() => !tree.some(lives), { what: 'every process has died with the agent' })
})

test.run()
