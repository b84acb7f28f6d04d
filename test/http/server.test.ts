import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { HttpServer } from '../../agent/http/server.ts'
import { eventually } from '../support/eventually.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { bearer, openApp, TOKEN } from './hand-app.ts'

const test = suite('http server')
const here = { host: '127.0.0.1', port: 0, tls: null, maxConnections: 100, fetch: () => new Response('here') }

async function codeOf(opening: Promise<HttpServer>): Promise<string> {
  try {
    await using _ = await opening
    return 'opened'
  } catch (error) {
    assert.instance(error, AgentError)
    assert.ok((error as AgentError).remedy.length > 0)
    return (error as AgentError).code
  }
}

/** What the server answers to these bytes. */
async function say(server: HttpServer, bytes: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

test('takes a free port and answers there', async () => {
  await using server = await HttpServer.open(here)
  assert.is(await (await fetch(`http://127.0.0.1:${server.port}/`)).text(), 'here')
})

test('says who to ask when the port is taken or refused', async () => {
  await using server = await HttpServer.open(here)
  assert.is(await codeOf(HttpServer.open({ ...here, port: server.port })), 'PORT_IN_USE')
  assert.is(await codeOf(HttpServer.open({ ...here, host: '192.0.2.1' })), 'PORT_REFUSED')
})

test('names the certificate that cannot be used', async () => {
  assert.is(await codeOf(HttpServer.open({ ...here, tls: { cert: '/nowhere.pem', key: '/nowhere.pem' } })), 'CONFIG_UNREADABLE')
  const file = join(tmpdir(), `headcount-no-certificate-${process.pid}.pem`)
  await writeFile(file, 'no certificate')
  const code = await codeOf(HttpServer.open({ ...here, tls: { cert: file, key: file } }))
  await rm(file)
  assert.is(code, 'CONFIG_INVALID')
})

test('lives through requests that are none', async () => {
  const { app, bugs } = await openApp()
  await using server = await HttpServer.open({ ...here, fetch: app.fetch })
  const bad = [
    'GET / HTTP/1.1\r\n\r\n',
    'GET /%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
    'GET http://[ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'NONSENSE\r\n\r\n',
    `POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{"t`,
    'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx',
    `GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`,
  ]
  for (const bytes of bad) assert.match(await say(server, bytes), /^HTTP\/1\.1 4\d\d /, bytes)
  assert.is((await fetch(`http://127.0.0.1:${server.port}/health`)).status, 200)
  assert.equal(bugs, [])
})

test('takes requests that tell no length: a DELETE without a body, and a body in pieces', async () => {
  const { app, agent, bugs } = await openApp()
  await using server = await HttpServer.open({ ...here, fetch: app.fetch })
  const url = `http://127.0.0.1:${server.port}/api/streams`
  const body = new Blob(['{"id":"ya', 'rd","source":"test"}']).stream()
  const init = { method: 'POST', headers: { ...bearer, 'content-type': 'application/json' }, body, duplex: 'half' as const }
  assert.is((await fetch(url, init)).status, 201)
  assert.is((await fetch(`${url}/yard`, { method: 'DELETE', headers: bearer })).status, 204)
  assert.equal(agent.orders, ['remove yard'])
  assert.equal(bugs, [])
})

test('refuses a body that grows too large while it comes', async () => {
  const { app } = await openApp()
  await using server = await HttpServer.open({ ...here, fetch: app.fetch })
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(10_000).fill(32))
    },
  })
  const response = await fetch(`http://127.0.0.1:${server.port}/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
    duplex: 'half',
  })
  assert.is(response.status, 413)
})

test('says nothing about a client that leaves while it waits', async () => {
  const agent = handAgent()
  const waits: Promise<unknown>[] = []
  agent.warmup = async (signal) => {
    const wait = sleep(60_000, undefined, { signal })
    waits.push(wait.catch(() => 'left'))
    return wait
  }
  const { app, bugs } = await openApp(agent)
  const statuses: number[] = []
  await using server = await HttpServer.open({
    ...here,
    fetch: async (request, env) => {
      const response = await app.fetch(request, env)
      statuses.push(response.status)
      return response
    },
  })
  const client = new AbortController()
  const asking = fetch(`http://127.0.0.1:${server.port}/warmup`, { headers: bearer, signal: client.signal }).catch(() => 'gone')
  await eventually(() => waits.length === 1, { what: 'the agent is asked' })
  client.abort()
  await asking
  assert.is(await waits[0], 'left')
  await eventually(() => statuses.length === 1, { what: 'the request is over' })
  assert.equal([statuses, bugs], [[499], []])
})

test('takes no more connections than it is told', async () => {
  await using server = await HttpServer.open({ ...here, maxConnections: 2 })
  const kept = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')]
  await Promise.all(kept.map((socket) => once(socket, 'connect')))
  assert.is(await say(server, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').catch(() => ''), '')
  for (const socket of kept) socket.destroy()
})

test('one address does not take the places of all', async () => {
  await using server = await HttpServer.open({ ...here, maxConnections: 10, maxFromOne: 2 })
  const kept = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')]
  await Promise.all(kept.map((socket) => once(socket, 'connect')))
  const ask = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  assert.is(await say(server, ask).catch(() => ''), '')
  const other = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  other.write(ask)
  assert.match(await text(other), /^HTTP\/1\.1 200 /)
  kept[0]?.destroy()
  await eventually(async () => (await say(server, ask).catch(() => '')) !== '', { what: 'a place that is left is free again' })
  kept[1]?.destroy()
})

test('answers a few requests that come at once on one connection, and ends one that sends heaps of them and reads no answer', async () => {
  let asked = 0
  const fetch = async () => {
    asked++
    await sleep(50)
    return new Response('here')
  }
  await using server = await HttpServer.open({ ...here, fetch })
  const one = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
  const few = await say(server, `${one.repeat(3)}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  assert.is(few.match(/HTTP\/1\.1 200 /g)?.length, 4)
  asked = 0
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  const gone = new Promise((resolve) => socket.once('close', resolve))
  socket.resume().write(one.repeat(2_000))
  await gone
  assert.ok(asked <= 10, `${asked} were worked at`)
  assert.is(await say(server, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').then((text) => text.slice(0, 12)), 'HTTP/1.1 200')
})

test('ends at once with connections that wait', async () => {
  const server = await HttpServer.open(here)
  const waiting = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')]
  waiting[0]?.write('GET / HTTP/1.1\r\nHost: loc')
  await (await fetch(`http://127.0.0.1:${server.port}/`)).text()
  const gone = waiting.map((socket) => new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve)))
  await server[Symbol.asyncDispose]()
  await Promise.all(gone)
})

test.run()
