import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentProcess } from '../support/agent-process.ts'
import { EchoingCamera } from '../support/echoing-camera.ts'
import { eventually } from '../support/eventually.ts'
import { RtspCamera } from '../support/rtsp-camera.ts'

const test = suite('what children print')

const frame = { width: 320, height: 240, fps: 15 }
const USER = 'eye'
const PLANTED = { url: 'word "1", ü: quahog', file: 'periwinkle #2', ticket: 'limpet-of-the-query' }

/** Every way in which a camera's password may be written into a line; parts of it count as well. */
function waysToWrite(password: string): readonly string[] {
  const basic = Buffer.from(`${USER}:${password}`).toString('base64')
  return [password, encodeURIComponent(password), basic, basic.replace(/=+$/, '').slice(0, -1), password.split(' ').at(-1) ?? '']
}

const WORDS = Object.values(PLANTED).flatMap(waysToWrite)

/** Lines with a planted word in them. */
function leaks(log: string): string[] {
  return log.split('\n').filter((line) => WORDS.some((word) => line.includes(word)))
}

/** An agent with a camera that lets us in by a word in its query, and one that repeats what it is told, with either kind of password. */
class Rig implements AsyncDisposable {
  readonly agent: AgentProcess
  readonly #rest: readonly (() => unknown)[]

  private constructor(agent: AgentProcess, rest: readonly (() => unknown)[]) {
    this.agent = agent
    this.#rest = rest
  }

  static async start(gstDebug: string): Promise<Rig> {
    const dir = await mkdtemp(join(tmpdir(), 'headcount-printed-'))
    const passwordFile = join(dir, 'password')
    await writeFile(passwordFile, `${PLANTED.file}\n`)
    const camera = await RtspCamera.open(frame)
    const echoing = await EchoingCamera.open()
    const agent = await AgentProcess.start({
      config: {
        detector: { backend: 'null:5' },
        streams: [
          { id: 'open', source: `${camera.url()}?ticket=${PLANTED.ticket}`, frame },
          { id: 'url', source: echoing.url(`${USER}:${encodeURIComponent(PLANTED.url)}`), frame },
          { id: 'file', source: echoing.url(USER), passwordFile, frame },
        ],
      },
      env: { GST_DEBUG: gstDebug },
    })
    const close = [() => camera[Symbol.asyncDispose](), () => echoing[Symbol.asyncDispose](), () => rm(dir, { recursive: true })]
    return new Rig(agent, close)
  }

  /** One camera is counted, the others have refused us. */
  async settles(): Promise<string> {
    const done = async () => {
      const [open, ...others] = await this.agent.json<{ status: string; fault: { code: string } | null }[]>('/api/streams')
      return open?.status === 'online' && others.every(({ fault }) => fault?.code === 'SOURCE_REFUSED')
    }
    await eventually(done, { what: 'every stream has come as far as it can', withinMs: 60_000, log: () => this.agent.log.slice(-5_000) })
    return (await this.agent.get('/api/streams')).text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]()
    for (const close of this.#rest) await close()
  }
}

test('a planted word is found as it is, %-encoded and in a header of HTTP Basic', () => {
  for (const way of waysToWrite(PLANTED.url)) assert.is(leaks(`before\nDEBUG ${way} x\nafter`).length, 1)
  assert.equal(leaks('rtsp://eye:***@host Basic ***'), [])
})

test('what GStreamer says of a camera is in the log, and no login of that camera with it', async () => {
  await using rig = await Rig.start('2,rtspsrc:9')
  const shown = await rig.settles()
  const { log } = rig.agent
  // Lines that hold the secrets are there, each said by its stream.
  for (const part of [
    /^DEBUG capture open: .* set uri: rtsp:\S+\/cam\?\*\*\*$/m,
    /capture url: .*'Server', value: 'Basic \*\*\*/,
    /capture file: .*'Server', value: 'user-pw=/,
    /capture url: .*rtsp:\/\/eye:\*\*\*@127\.0\.0\.1:\d+\/second/,
  ])
    assert.match(log, part)
  assert.equal(leaks(log), [])
  assert.equal(leaks(shown), [])
})

test('a flood of lines gives nothing away, and takes no camera with it', async () => {
  await using rig = await Rig.start('6,GST_REGISTRY:1,GST_BUFFER:9,GST_SCHEDULING:9')
  await rig.settles()
  const { log } = rig.agent
  assert.equal(leaks(log), [])
  assert.match(log, /^INFO {2}capture open: prints more than is shown; lines are left out$/m)
})

test.run()
