import { once } from 'node:events'
import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StreamShown } from '../../agent/http/agent-view.ts'
import { EventMemory } from '../../agent/http/event-memory.ts'
import { HttpServer } from '../../agent/http/server.ts'
import { eventually } from '../support/eventually.ts'
import { type HandAgent, handAgent } from '../support/mjpeg-agent.ts'
import { bearer, fault, openApp, TOKEN } from './hand-app.ts'

const test = suite('http events')

interface Message {
  readonly event: string
  readonly id: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** The messages in what a listener has received, as a browser would take them apart. */
function messagesIn(text: string): Message[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
    const [event, data] = [fields.get('event'), fields.get('data')]
    return event === undefined || data === undefined
      ? []
      : [{ event, id: fields.get('id') ?? null, data: JSON.parse(data) as Message['data'] }]
  })
}

async function serve(agent: HandAgent = handAgent()) {
  const { app, events, bugs } = await openApp(agent)
  const server = await HttpServer.open({ host: '127.0.0.1', port: 0, tls: null, maxConnections: 100, fetch: app.fetch })
  return {
    agent,
    events,
    bugs,
    url: `http://127.0.0.1:${server.port}/api/events`,
    port: server.port,
    async [Symbol.asyncDispose]() {
      events[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** A listener that takes everything. */
async function listen(url: string, lastEventId?: string) {
  const leave = new AbortController()
  const headers = { ...bearer, ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }) }
  const response = await fetch(url, { headers, signal: leave.signal })
  const heard = { text: '', over: false }
  const reading = async () => {
    const decoder = new TextDecoder()
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) heard.text += decoder.decode(chunk, { stream: true })
  }
  void reading()
    .catch(() => undefined)
    .finally(() => {
      heard.over = true
    })
  const messages = (event: string) => messagesIn(heard.text).filter((message) => message.event === event)
  return {
    response,
    heard,
    messages,
    count: (event: string, count: number) =>
      eventually(() => messages(event).length >= count, { what: `${count} of ${event}`, log: () => heard.text }),
    leave: () => leave.abort(),
  }
}

const crossing = (id: string) =>
  ({ type: 'event', stream: 'door', event: { event_type: 'line_in', id, ts: 1, track: 3, line: 'entrance' } }) as const

test('tells a listener how everything is, and needs the token', async () => {
  await using web = await serve()
  assert.is((await fetch(web.url)).status, 401)
  const listener = await listen(web.url)
  assert.match(listener.response.headers.get('Content-Type') ?? '', 'text/event-stream')
  assert.match(listener.response.headers.get('Cache-Control') ?? '', 'no-store')
  await listener.count('areas', 1)
  assert.equal(listener.messages('state')[0]?.data, {
    stream: 'door',
    running: true,
    status: 'degraded',
    fault: null,
    state: { count: 'unknown', quality: 'unknown', reason: 'detection is starting' },
  })
  assert.equal(listener.messages('areas')[0]?.data, [{ id: 'shop', entrances: ['door/entrance'], inside: null }])
  assert.equal(listener.messages('missed'), [])
  assert.equal(web.bugs, [])
})

test('tells a state when it changes, and not because time passes', async () => {
  const agent = handAgent()
  await using web = await serve(agent)
  const shown = (count: number | null, ageMs: number): StreamShown => {
    const [door] = handAgent().streams() as [StreamShown]
    return { ...door, state: { ts: ageMs, count, ageMs, fps: ageMs, bufferFps: 1, inferenceMs: ageMs, npu: null } }
  }
  let now = shown(null, 0)
  agent.streams = () => [now]
  agent.stream = () => now
  const listener = await listen(web.url)
  await listener.count('state', 1)
  for (let ageMs = 1; ageMs < 20; ageMs += 1) {
    now = shown(null, ageMs)
    agent.tell({ type: 'state', stream: 'door' })
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  assert.is(listener.messages('state').length, 1)
  now = shown(2, 30)
  agent.tell({ type: 'state', stream: 'door' })
  await listener.count('state', 2)
  assert.is((listener.messages('state')[1]?.data['state'] as { count: number } | undefined)?.count, 2)
  // Also when nobody said so.
  now = shown(3, 31)
  await listener.count('state', 3)
})

test('tells areas that change and streams that are no more', async () => {
  const agent = handAgent({ door: () => null, yard: () => null })
  await using web = await serve(agent)
  const listener = await listen(web.url)
  await listener.count('areas', 1)
  await agent.setInside('shop', 4, 'test')
  agent.tell({ type: 'areas' })
  await listener.count('areas', 2)
  assert.is((listener.messages('areas')[1]?.data as unknown as [{ inside: number }] | undefined)?.[0].inside, 4)
  await agent.remove('yard')
  await listener.count('gone', 1)
  assert.equal(listener.messages('gone')[0]?.data, { stream: 'yard' })
})

test('tells every event once to everybody, and goes on where a listener broke off', async () => {
  await using web = await serve()
  const first = await listen(web.url)
  const second = await listen(web.url)
  await Promise.all([first.count('areas', 1), second.count('areas', 1)])
  web.agent.tell(crossing('a'))
  web.agent.tell(crossing('b'))
  await Promise.all([first.count('event', 2), second.count('event', 2)])
  const [a] = first.messages('event')
  assert.equal(a?.data, { stream: 'door', event_type: 'line_in', id: 'a', ts: 1, track: 3, line: 'entrance' })
  first.leave()
  second.leave()
  await eventually(() => web.events.clients === 0, { what: 'nobody listens' })
  web.agent.tell(crossing('c'))
  const back = await listen(web.url, a?.id ?? '')
  await back.count('event', 2)
  assert.equal(
    back.messages('event').map(({ data }) => data['id']),
    ['b', 'c'],
  )
  assert.equal(back.messages('missed'), [])
  // One that heard nothing but the greeting goes on from there.
  const quiet = await listen(web.url, first.messages('hello')[0]?.id ?? '')
  await quiet.count('event', 3)
})

test('says that something may be missing when it cannot know', async () => {
  await using web = await serve()
  for (const id of ['', 'nonsense', 'abcdef-1', '-', '\t', 'x'.repeat(5_000)]) {
    const listener = await listen(web.url, id)
    await listener.count('areas', 1)
    assert.is(listener.messages('missed').length, id.trim() === '' ? 0 : 1, id)
    listener.leave()
  }
})

test('keeps a bounded number of events, in order', () => {
  const memory = new EventMemory('run')
  for (let number = 1; number <= 2_000; number += 1) memory.add({ number })
  assert.equal(memory.after('run-1999').texts.length, 1)
  assert.equal(memory.after('run-1500').texts.length, 500)
  assert.match(memory.after('run-1500').texts[0] ?? '', '"number":1501')
  assert.equal(memory.after('run-2000'), { id: 'run-2000', isWhole: true, texts: [] })
  for (const id of ['run-1499', 'run-2001', 'other-1999', 'run-', 'run--1', 'run-1e3', 'run-9007199254740993']) {
    assert.equal(memory.after(id), { id: 'run-2000', isWhole: false, texts: [] }, id)
  }
  assert.equal(memory.after(null), { id: 'run-2000', isWhole: true, texts: [] })
})

test('drops a listener that takes nothing, and nobody else', async () => {
  await using web = await serve()
  const fast = await listen(web.url)
  const stuck = connect(web.port, '127.0.0.1').on('error', () => undefined)
  stuck.write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
  stuck.pause()
  await eventually(() => web.events.clients === 2, { what: 'both listen' })
  const large = { ...crossing('x'), event: { event_type: 'line_in', id: 'x', note: 'x'.repeat(20_000) } }
  let told = 0
  await eventually(
    () => {
      for (let i = 0; i < 20; i += 1) web.agent.tell(large)
      told += 20
      return web.events.clients === 1
    },
    { what: 'the one that takes nothing is dropped', withinMs: 30_000 },
  )
  await eventually(() => fast.messages('event').length === told, { what: 'the other has heard everything', withinMs: 30_000 })
  stuck.destroy()
  assert.not(fast.heard.over)
  assert.equal(web.bugs, [])
})

test('lets forty listen, and says so to one more', async () => {
  await using web = await serve()
  const sockets = Array.from({ length: 40 }, () => connect(web.port, '127.0.0.1').on('error', () => undefined))
  for (const socket of sockets) {
    socket.resume().write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
  }
  await eventually(() => web.events.clients === 40, { what: 'forty listen' })
  const refused = await fetch(web.url, { headers: bearer })
  assert.is(refused.status, 503)
  assert.is((await fault(refused)).code, 'TOO_MANY_VIEWERS')
  for (const socket of sockets) socket.destroy()
  await eventually(() => web.events.clients === 0, { what: 'nobody listens' })
  const again = await listen(web.url)
  await again.count('hello', 1)
})

test('ends every listener when it ends, and hears no more of the agent', async () => {
  const web = await serve()
  const socket = connect(web.port, '127.0.0.1').on('error', () => undefined)
  socket.resume().write(`GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`)
  await eventually(() => web.events.clients === 1, { what: 'it listens' })
  assert.is(web.agent.listeners(), 1)
  const gone = once(socket, 'close')
  await web[Symbol.asyncDispose]()
  await gone
  assert.is(web.agent.listeners(), 0)
})

test.run()
