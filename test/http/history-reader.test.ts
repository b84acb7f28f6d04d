import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { chunkedBody } from '../../agent/http/chunked-body.ts'
import { HttpServer } from '../../agent/http/server.ts'
import { eventually } from '../support/eventually.ts'
import type { HandAgent } from '../support/mjpeg-agent.ts'
import { bearer, fault, openApp, TOKEN } from './hand-app.ts'
import { busy, RANGE, remembering } from './hand-history.ts'

const test = suite('http history reader')

/** Buckets without end, how many were asked for, and whether anybody still wants more. */
function endless() {
  const seen = { made: 0, open: 0 }
  const { agent } = remembering([])
  agent.history = async function* () {
    seen.open += 1
    try {
      for (;;) {
        seen.made += 1
        yield { ...busy, fromMs: busy.fromMs + seen.made }
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      seen.open -= 1
    }
  }
  return { agent, seen }
}

async function serve(agent: HandAgent) {
  const { app, bugs } = await openApp(agent)
  const server = await HttpServer.open({ host: '127.0.0.1', port: 0, tls: null, maxConnections: 100, fetch: app.fetch })
  const open = () => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined)
    socket.write(`GET /api/history?stream=door&${RANGE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
    return socket
  }
  return { server, bugs, open, url: `http://127.0.0.1:${server.port}/api/history?stream=door&${RANGE}` }
}

test('makes no more than a slow reader takes, and stops when it leaves', async () => {
  const { agent, seen } = endless()
  const { server, bugs, open } = await serve(agent)
  await using _ = server
  const socket = open()
  socket.pause()
  let before = -1
  // What fits into the buffers of the kernel is made, then nothing more.
  const stands = () => {
    const still = seen.made > 0 && seen.made === before
    before = seen.made
    return still
  }
  await eventually(stands, { what: 'nothing is made for a reader that takes nothing', everyMs: 500 })
  assert.is(seen.open, 1)
  socket.destroy()
  await eventually(() => seen.open === 0, { what: 'the history is closed' })
  assert.equal(bugs, [])
})

test('reads four histories at once and refuses a fifth', async () => {
  const { agent, seen } = endless()
  const { server, open, url } = await serve(agent)
  await using _ = server
  const sockets = [open(), open(), open(), open()]
  for (const socket of sockets) socket.pause()
  await eventually(() => seen.open === 4, { what: 'four are open' })
  const refused = await fetch(url, { headers: bearer })
  assert.is(refused.status, 409)
  assert.is((await fault(refused)).code, 'CONFLICT')
  for (const socket of sockets) socket.destroy()
  await eventually(() => seen.open === 0, { what: 'all are closed' })
  const again = open()
  await eventually(() => seen.open === 1, { what: 'there is room again' })
  again.destroy()
})

test('asks history for nothing but the head, and holds no place for that', async () => {
  const { agent, asked } = remembering([busy])
  const { app } = await openApp(agent)
  for (let i = 0; i < 6; i += 1) {
    const response = await app.request(`/api/history?stream=door&${RANGE}`, { method: 'HEAD', headers: bearer })
    assert.is(response.status, 200)
  }
  assert.equal(asked, [])
})

test('breaks the connection off when history fails half-way, so that nobody takes a part for the whole', async () => {
  const { agent } = remembering([])
  agent.history = async function* () {
    for (let i = 0; i < 2_000; i += 1) yield { ...busy, fromMs: busy.fromMs + i }
    throw new AgentError('HISTORY_UNWRITABLE', 'The disk has gone.', { remedy: 'Look at the disk.' })
  }
  const { server, bugs, url } = await serve(agent)
  await using _ = server
  const response = await fetch(url, { headers: bearer })
  assert.is(response.status, 200)
  const outcome = await response.text().then(
    () => 'whole',
    () => 'broken',
  )
  assert.is(outcome, 'broken')
  assert.equal(bugs, [])
  // And its place is free again.
  for (let i = 0; i < 5; i += 1) await (await fetch(url, { headers: bearer })).text().catch(() => '')
  assert.is((await fetch(url, { headers: bearer })).status, 200)
})

test('cuts a reader off that takes nothing for too long, and closes what is behind it', async () => {
  const happened: string[] = []
  async function* pieces() {
    try {
      for (;;) yield 'piece'
    } finally {
      happened.push('closed')
    }
  }
  const rest = pieces()
  await rest.next()
  const body = chunkedBody('first', rest, { cut: () => happened.push('cut'), onEnd: () => happened.push('ended'), stalledMs: 30 })
  const reader = body.getReader()
  await reader.read()
  await eventually(() => happened.includes('closed'), { what: 'it is closed' })
  assert.equal(happened.sort(), ['closed', 'cut', 'ended'])
})

test.run()
