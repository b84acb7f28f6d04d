import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dataFile } from '../support/data.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { SimulatedNpu, STANDING } from '../support/simulated-npu.ts'
import { Demo } from './demo-process.ts'

const test = suite('demo on the simulated NPU')

test('counts real people on the simulated NPU, which says that it is one', async () => {
  const clip = dataFile('vtest.avi')
  if (clip === null) return
  await using demo = await Demo.start(dirname(clip), { args: ['--npu', 'sim'] })
  const brokerPort = await demo.hears(/mosquitto_sub -h 127\.0\.0\.1 -p (\d+) -v -t 'headcount\/#'/)
  await using heard = await recordMqtt(`mqtt://127.0.0.1:${brokerPort}`)
  // Its eyes look for the right size of people first, frame by frame: on a busy machine that takes its time.
  await heard.until('headcount/demo/vtest/count', (count) => Number(count) >= 1, 90_000)
  const text = await heard.until('headcount/demo/vtest/state', (payload) => payload.includes('"backend":"hailo"'))
  assert.is((JSON.parse(text) as { simulated: boolean }).simulated, true)
  demo.process.kill('SIGINT')
  assert.is(await demo.exited(), 0, demo.said)
  assert.not(existsSync(demo.runtime))
})

test('tells exactly the people that the simulated NPU was told to see', async () => {
  await using npu = await SimulatedNpu.make({ detector: { kind: 'script', frames: [STANDING] } })
  await using demo = await Demo.start(null, { args: ['--npu', 'sim'], more: npu.env })
  const counts = async () => demo.hears(/(\d+) (?:people|person) in view/)
  assert.is(Number(await counts()), STANDING.length)
  demo.process.kill('SIGINT')
  assert.is(await demo.exited(), 0, demo.said)
})

test.run()
