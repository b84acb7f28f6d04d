import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DemoBroker } from '../../agent/demo/broker.ts'
import { AgentError } from '../../agent/errors.ts'
import { eventually } from '../support/eventually.ts'
import { lives } from '../support/process-tree.ts'

const test = suite('demo broker')
const { signal } = new AbortController()

async function tempFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-broker-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

test('takes sessions while in scope and is gone afterwards', async () => {
  await using folder = await tempFolder()
  let pid = 0
  {
    await using broker = await DemoBroker.start({ folder: folder.path, env: process.env, signal })
    pid = broker.pid ?? 0
    const client = await connectAsync(broker.url)
    await client.publishAsync('a', 'b', { qos: 1 })
    await client.endAsync()
    assert.ok(lives(pid))
  }
  assert.not(lives(pid))
})

test('two of them do not meet', async () => {
  await using folder = await tempFolder()
  await using other = await tempFolder()
  await using first = await DemoBroker.start({ folder: folder.path, env: process.env, signal })
  await using second = await DemoBroker.start({ folder: other.path, env: process.env, signal })
  assert.is.not(first.port, second.port)
})

test('dies with the process that started it, even by SIGKILL', async () => {
  await using folder = await tempFolder()
  const broker = new URL('../../agent/demo/broker.js', import.meta.url).href
  const program = `const { DemoBroker } = await import(${JSON.stringify(broker)})
    const broker = await DemoBroker.start({ folder: ${JSON.stringify(folder.path)}, env: process.env, signal: new AbortController().signal })
    console.log(broker.pid)
    setInterval(() => 0, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(String(line))
  assert.ok(lives(pid))
  parent.kill('SIGKILL')
  await eventually(() => !lives(pid), { what: 'mosquitto has died with its parent' })
})

test('names the remedy when mosquitto is not installed', async () => {
  await using folder = await tempFolder()
  try {
    await DemoBroker.start({ folder: folder.path, env: { PATH: folder.path }, systemFolders: [], signal })
    assert.unreachable('it started')
  } catch (error) {
    assert.instance(error, AgentError)
    assert.is((error as AgentError).code, 'BROKER_MISSING')
    assert.match((error as AgentError).remedy, './install.sh --prepare')
  }
})

test('gives up at once when it is told to', async () => {
  await using folder = await tempFolder()
  const stopped = AbortSignal.abort()
  try {
    await DemoBroker.start({ folder: folder.path, env: process.env, signal: stopped })
    assert.unreachable('it started')
  } catch (error) {
    assert.not.instance(error, AgentError)
  }
})

test.run()
