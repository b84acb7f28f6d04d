import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentProcess } from '../support/agent-process.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { canMount } from '../support/namespaces.ts'

const test = suite('bad input')

const frame = { width: 320, height: 240, fps: 15 }

/** Runs one stream with a source that cannot work and returns what its state says once a reason is known. */
async function reasonFor(source: string): Promise<{ reason: string; count: unknown; quality: string; status: string }> {
  await using agent = await AgentProcess.start({
    config: { mqtt: { url: 'mqtt://127.0.0.1:1' }, detector: { backend: 'null:5' }, streams: [{ id: 'door', source, frame }] },
  })
  const state = await eventually(
    async () => {
      const now = await agent.json<{ reason: string; count: unknown; quality: string }>('/api/streams/door/state')
      return now.reason.includes('[') ? now : null
    },
    { what: `a reason for ${source}`, withinMs: 40_000, log: () => agent.log },
  )
  const { status } = await agent.json<{ status: string }>('/api/streams/door')
  return { ...state, status }
}

async function listener(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

test('a missing file is named, with what to do, and the count is unknown', async () => {
  const said = await reasonFor('file:/nowhere/clip.mp4')
  assert.match(said.reason, '/nowhere/clip.mp4')
  assert.match(said.reason, '[SOURCE_MISSING]')
  assert.is(said.status, 'offline')
  assert.is(said.count, null)
  assert.is(said.quality, 'unknown')
})

test('a file that is no video is told apart from a missing one', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'headcount-test-'))
  const file = join(dir, 'letter.mp4')
  await writeFile(file, 'Dear camera, '.repeat(1_000))
  const said = await reasonFor(`file:${file}`)
  assert.match(said.reason, '[SOURCE_UNREADABLE]')
  await rm(dir, { recursive: true })
})

test('an RTSP camera that refuses the connection is offline with a remedy', async () => {
  // Nobody listens there, and no test beside this one is given it.
  const said = await reasonFor('rtsp://127.0.0.1:1/live')
  assert.match(said.reason, '[SOURCE_REFUSED]')
  assert.is(said.status, 'offline')
})

test('an RTSP camera that never answers is given up in bounded time', async () => {
  await using silent = await listener()
  const said = await reasonFor(`rtsp://127.0.0.1:${silent.port}/live`)
  assert.match(said.reason, /\[SOURCE_(UNREACHABLE|SILENT)\]/)
})

test('a wrong token and an unknown stream are answered with a code and a remedy', async () => {
  await using agent = await AgentProcess.start({
    config: { mqtt: { url: 'mqtt://127.0.0.1:1' }, detector: { backend: 'null:5' }, streams: [{ id: 'door', source: 'test', frame }] },
  })
  const wrong = await fetch(`${agent.url}/api/streams`, { headers: { authorization: 'Bearer wrong' } })
  assert.is(wrong.status, 401)
  const unauthorized = (await wrong.json()) as { code: string; remedy: string }
  assert.is(unauthorized.code, 'UNAUTHORIZED')
  assert.ok(unauthorized.remedy.length > 10)
  assert.not.match(agent.log, agent.token)

  const missing = await agent.get('/api/streams/cellar')
  assert.is(missing.status, 404)
  const notFound = (await missing.json()) as { code: string; remedy: string }
  assert.is(notFound.code, 'NOT_FOUND')
  assert.match(notFound.remedy, '/api/streams')
})

/** How an agent that cannot start ends, and what it says. */
async function refusal(config: Record<string, unknown>): Promise<{ exit: unknown; log: string }> {
  await using agent = await AgentProcess.spawn({ config })
  return { exit: await agent.exited(), log: agent.log }
}

test('every fault of a configuration is told at once, with exit code 78', async () => {
  const { exit, log } = await refusal({ detectr: {}, http: { port: 99_999 }, streams: [{ id: 'Front Door!', source: 'tset' }] })
  assert.is(exit, 78)
  for (const part of ['detectr', '99999', 'Front Door!', 'tset', '[CONFIG_INVALID]']) assert.match(log, part)
})

test('a port that is taken is named, with exit code 1', async () => {
  await using other = await listener()
  const { exit, log } = await refusal({ http: { host: '127.0.0.1', port: other.port }, streams: [{ id: 'door', source: 'test', frame }] })
  assert.is(exit, 1)
  assert.match(log, String(other.port))
  assert.match(log, '[PORT_IN_USE]')
})

test('a second agent on the same runtime folder says who is there', async () => {
  const config = { mqtt: { url: 'mqtt://127.0.0.1:1' }, detector: { backend: 'null:5' }, streams: [{ id: 'door', source: 'test', frame }] }
  await using first = await AgentProcess.start({ config })
  const second = await AgentProcess.spawn({ config, runtimeDir: first.runtimeDir })
  assert.is(await second.exited(), 1)
  assert.match(second.log, '[RUNTIME_BUSY]')
  assert.match(second.log, String(first.pid))
  assert.ok((await first.get('/health')).ok, 'the first goes on')
  await rm(second.dir, { recursive: true })
})

test('a broker that refuses the password is named, and counting goes on', async () => {
  await using broker = await startBroker({ users: { door: 'right' } })
  const dir = await mkdtemp(join(tmpdir(), 'headcount-test-'))
  const passwordFile = join(dir, 'password')
  await writeFile(passwordFile, 'not-the-one\n')
  await using agent = await AgentProcess.start({
    config: {
      mqtt: { url: broker.url, username: 'door', passwordFile },
      detector: { backend: 'null:5' },
      streams: [{ id: 'door', source: 'test', frame }],
    },
  })
  await eventually(() => agent.log.includes('BROKER_REFUSED'), { what: 'the refusal is logged', log: () => agent.log })
  assert.not.match(agent.log, 'not-the-one')
  await eventually(async () => (await agent.json<{ person_count: number | null }>('/api/camera/status')).person_count === 3, {
    what: 'counting goes on',
  })
  await rm(dir, { recursive: true })
})

test('no room for the ring is said with the bytes it needs, and it is tried again', async () => {
  if (!canMount()) return
  await using agent = await AgentProcess.start({
    // The ring of this stream needs more.
    runtimeBytes: 1_000_000,
    config: {
      mqtt: { url: 'mqtt://127.0.0.1:1' },
      detector: { backend: 'null:5' },
      streams: [{ id: 'door', source: 'test', frame: { width: 640, height: 480, fps: 15 } }],
    },
  })
  const { reason } = await eventually(
    async () => {
      const now = await agent.json<{ reason: string }>('/api/streams/door/state')
      return now.reason.includes('RING_NO_SPACE') ? now : null
    },
    { what: 'the stream says that its ring has no room', log: () => agent.log },
  )
  assert.match(reason, /\d+ (MB|MiB|bytes)/)
  const { status } = await agent.json<{ status: string }>('/api/streams/door')
  assert.is(status, 'offline')
})

test.run()
