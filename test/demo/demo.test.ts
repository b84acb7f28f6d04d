import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dataFile } from '../support/data.ts'
import { eventually } from '../support/eventually.ts'
import { collectFrames } from '../support/mjpeg-frames.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { lives, processTree } from '../support/process-tree.ts'
import { SimulatedNpu, STANDING } from '../support/simulated-npu.ts'

const test = suite('demo')

interface DemoOptions {
  readonly programs?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** Of the environment. */
  readonly more?: NodeJS.ProcessEnv
}

/** A running demo with a home and a tmpfs folder of its own. */
class Demo implements AsyncDisposable {
  readonly process: ChildProcess
  readonly home: string
  readonly runtime: string
  said = ''

  private constructor(process: ChildProcess, home: string, runtime: string) {
    this.process = process
    this.home = home
    this.runtime = runtime
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said += text
    })
  }

  /** Without a data folder there is no clip: apt is one that knows no package. */
  static async start(dataDir: string | null, { programs = {}, args = [], more = {} }: DemoOptions = {}): Promise<Demo> {
    const home = await mkdtemp(join(tmpdir(), 'headcount-demo-'))
    for (const [name, script] of Object.entries({ 'apt-cache': 'exit 100', ...programs })) {
      await writeFile(join(home, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    }
    const runtime = join(await mkdtemp('/dev/shm/headcount-demo-'), 'runtime')
    const main = fileURLToPath(new URL('../../agent/main.js', import.meta.url))
    const env = {
      HOME: home,
      PATH: `${home}:${process.env['PATH'] ?? ''}`,
      HEADCOUNT_TEST_DATA: dataDir ?? home,
      HEADCOUNT_RUNTIME_DIR: runtime,
      LC_ALL: 'C.UTF-8',
      ...more,
    }
    return new Demo(spawn(process.execPath, [main, 'demo', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] }), home, runtime)
  }

  /** Waits until the demo has said what fits, and gives its first group. */
  async hears(pattern: RegExp): Promise<string> {
    return eventually(
      () => {
        if (this.process.exitCode !== null) throw new Error(`the demo has ended:\n${this.said}`)
        return pattern.exec(this.said)?.[1]
      },
      { what: `the demo says ${String(pattern)}`, withinMs: 60_000, log: () => this.said },
    )
  }

  async exited(): Promise<number | NodeJS.Signals | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit')
    return this.process.exitCode ?? this.process.signalCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL')
    await this.exited()
    await rm(this.home, { recursive: true, force: true })
    await rm(dirname(this.runtime), { recursive: true, force: true })
  }
}

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
  await eventually(() => !tree.some(lives), { what: 'no process is left', withinMs: 5_000 })
  assert.not(existsSync(demo.runtime))
})

test('counts real people on the simulated NPU, which says that it is one', async () => {
  const clip = dataFile('vtest.avi')
  if (clip === null) return
  await using demo = await Demo.start(dirname(clip), { args: ['--npu', 'sim'] })
  const brokerPort = await demo.hears(/mosquitto_sub -h 127\.0\.0\.1 -p (\d+) -v -t 'headcount\/#'/)
  await using heard = await recordMqtt(`mqtt://127.0.0.1:${brokerPort}`)
  await heard.until('headcount/demo/vtest/count', (count) => Number(count) >= 1, 60_000)
  const state = JSON.parse(heard.last('headcount/demo/vtest/state') ?? '') as { backend: string; simulated: boolean }
  assert.equal([state.backend, state.simulated], ['hailo', true])
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
  await eventually(() => !tree.some(lives), { what: 'every process has died with the agent', withinMs: 5_000 })
})

test.run()
