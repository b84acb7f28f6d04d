import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { bearer, fault, json, openApp } from './hand-app.ts'

const test = suite('http app')
interface CameraStatus {
  readonly person_count: number | null
  readonly buffer_fps: number
  readonly state: { readonly count: unknown; readonly quality: unknown }
}

const authorized = { headers: bearer }

test('tells its health to everybody, and is unavailable only while starting', async () => {
  const agent = handAgent()
  const { app } = await openApp(agent)
  const ready = await app.request('/health')
  assert.is(ready.status, 200)
  assert.equal(await ready.json(), { status: 'ready', service: 'headcount', models: ['hog'], ready: true })
  agent.health = () => ({ status: 'degraded', service: 'headcount', models: [], ready: false })
  assert.is((await app.request('/health')).status, 200)
  agent.health = () => ({ status: 'starting', service: 'headcount', models: [], ready: false })
  assert.is((await app.request('/health')).status, 503)
})

test('warms up', async () => {
  const { app } = await openApp()
  const response = await app.request('/warmup', authorized)
  assert.equal([response.status, ((await response.json()) as { ready: boolean }).ready], [200, true])
})

test('gives orders to the first stream, or to the one that is named', async () => {
  const { app, agent } = await openApp(handAgent({ door: () => null, yard: () => null }))
  for (const path of ['start', 'stop?stream=yard', 'restart']) {
    assert.is((await app.request(`/api/camera/${path}`, { method: 'POST', headers: bearer })).status, 200)
  }
  assert.is((await app.request('/api/streams/yard/start', { method: 'POST', headers: bearer })).status, 200)
  assert.equal(agent.orders, ['start door', 'stop yard', 'restart door', 'start yard'])
})

test('lists, adds, changes, tests and removes streams', async () => {
  const { app, agent } = await openApp()
  const added = await app.request('/api/streams', json('POST', { id: 'yard', source: 'test' }))
  assert.is(added.status, 201)
  const list = (await (await app.request('/api/streams', authorized)).json()) as { id: string }[]
  assert.equal(
    list.map(({ id }) => id),
    ['door', 'yard'],
  )
  assert.is((await app.request('/api/streams/yard', json('PATCH', { detectFps: 5 }))).status, 200)
  assert.equal(await (await app.request('/api/streams/test', json('POST', { source: 'test' }))).json(), {
    width: 640,
    height: 480,
    fps: 30,
  })
  assert.is((await app.request('/api/streams/yard', { method: 'DELETE', headers: bearer })).status, 204)
  assert.is((await app.request('/api/streams/yard', authorized)).status, 404)
  assert.equal(agent.orders, ['patch yard {"detectFps":5}', 'remove yard'])
})

test('tells the state of a stream and the processes', async () => {
  const { app } = await openApp()
  assert.is(((await (await app.request('/api/streams/door/state', authorized)).json()) as CameraStatus['state']).quality, 'unknown')
  assert.is((await app.request('/api/camera/process-info', authorized)).status, 200)
})

test('says where to look for an unknown stream or route', async () => {
  const { app, agent } = await openApp()
  for (const path of ['/api/streams/nobody', '/api/streams/nobody/state', '/api/camera/status?stream=nobody', '/api/nothing']) {
    const response = await app.request(path, authorized)
    assert.is(response.status, 404, path)
    assert.match((await fault(response)).remedy, '/api/streams')
  }
  const order = await app.request('/api/streams/nobody/stop', { method: 'POST', headers: bearer })
  assert.is(order.status, 404)
  assert.is((await app.request('/api/streams/nobody', json('PATCH', {}))).status, 404)
  assert.equal(agent.orders, [])
})

test('says that there is no stream yet', async () => {
  const { app } = await openApp(handAgent({}))
  const response = await app.request('/api/camera/status', authorized)
  assert.is(response.status, 404)
  assert.match((await fault(response)).remedy, 'POST /api/streams')
})

test('refuses what is not JSON, and does not repeat it', async () => {
  const { app, agent } = await openApp()
  const broken = await app.request('/api/streams', json('POST', '{"password": "geheim"'))
  assert.is(broken.status, 400)
  const text = JSON.stringify(await fault(broken))
  assert.not.match(text, 'geheim')
  assert.is((await app.request('/api/streams', json('POST', [1]))).status, 400)
  assert.is((await app.request('/api/streams', json('POST', 'null'))).status, 400)
  const form = await app.request('/api/streams', { method: 'POST', headers: bearer, body: 'id=yard' })
  assert.is(form.status, 415)
  assert.is((await fault(form)).code, 'UNSUPPORTED_TYPE')
  assert.equal(
    agent.streams().map(({ id }) => id),
    ['door'],
  )
})

test('refuses a body that is too large', async () => {
  const { app } = await openApp()
  const response = await app.request('/api/streams', json('POST', { id: 'x'.repeat(70_000) }))
  assert.is(response.status, 413)
  assert.is((await fault(response)).code, 'TOO_LARGE')
})

test('gives foreseen failures their status and remedy', async () => {
  const agent = handAgent()
  const { app, bugs } = await openApp(agent)
  const cases = [
    ['CONFIG_INVALID', 422],
    ['CONFIG_UNREADABLE', 422],
    ['SOURCE_UNREACHABLE', 422],
    ['CONFLICT', 409],
    ['ENGINE_DIED', 503],
    ['RING_FAILED', 500],
  ] as const
  for (const [code, status] of cases) {
    agent.add = async () => {
      throw new AgentError(code, 'It went wrong.', { remedy: 'Do it right.' })
    }
    const response = await app.request('/api/streams', json('POST', { id: 'yard' }))
    assert.is(response.status, status, code)
    assert.equal(await response.json(), { code, message: 'It went wrong.', remedy: 'Do it right.' })
  }
  assert.equal(bugs, [])
})

test('reports a bug and tells the caller nothing of it', async () => {
  const agent = handAgent()
  const { app, bugs } = await openApp(agent)
  agent.processes = async () => {
    throw new TypeError('secret things')
  }
  const response = await app.request('/api/camera/process-info', authorized)
  assert.is(response.status, 500)
  assert.not.match(JSON.stringify(await fault(response)), 'secret')
  assert.is(bugs.length, 1)
})

test('shows no picture when video is off', async () => {
  const { app } = await openApp()
  for (const path of ['/api/camera/stream', '/api/streams/door/mjpeg', '/api/streams/door/snapshot.jpg']) {
    const response = await app.request(path, authorized)
    assert.is(response.status, 403, path)
    assert.is((await fault(response)).code, 'VIDEO_OFF')
  }
})

test('serves the page to everybody, without anything inline, and not twice', async () => {
  const { app } = await openApp()
  const page = await app.request('/')
  assert.match(page.headers.get('Content-Type') ?? '', 'text/html')
  assert.match(page.headers.get('Content-Security-Policy') ?? '', "default-src 'none'")
  const html = await page.text()
  assert.match(html, 'data-live')
  assert.not.match(html, /<script(?![^>]* src=)|<style| style=| on[a-z]+=/)
  for (const [path, type] of [
    ['/page.js', 'text/javascript'],
    ['/page.css', 'text/css'],
    ['/icon.svg', 'image/svg+xml'],
  ] as const) {
    assert.match((await app.request(path)).headers.get('Content-Type') ?? '', type)
  }
  const again = await app.request('/', { headers: { 'If-None-Match': page.headers.get('ETag') ?? '' } })
  assert.is(again.status, 304)
})

test.run()
