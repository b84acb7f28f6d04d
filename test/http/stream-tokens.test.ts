import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maskSecrets } from '../../agent/config/secrets.ts'
import { ROUTES } from '../../agent/http/openapi-paths.ts'
import { StreamTokens } from '../../agent/http/stream-tokens.ts'
import { eventually } from '../support/eventually.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { openHandCamera } from '../support/mjpeg-camera.ts'
import { bearer, fault, json, openApp, TOKEN } from './hand-app.ts'
import { openWeb } from './hand-web.ts'

const test = suite('stream tokens')

interface Made {
  readonly id: string
  readonly token: string
}

async function stateFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-stream-tokens-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

const twoStreams = () => handAgent({ door: () => null, yard: () => null })

async function made(app: Awaited<ReturnType<typeof openApp>>['app'], body: object): Promise<Made> {
  const response = await app.request('/api/tokens', json('POST', body))
  assert.is(response.status, 201)
  return (await response.json()) as Made
}

test('opens the pictures of its stream and nothing else, whatever the route', async () => {
  await using state = await stateFolder()
  const { app, agent } = await openApp(twoStreams(), state.path)
  const { token } = await made(app, { stream: 'door', name: 'tablet in the hall' })
  assert.is(Buffer.from(token, 'base64url').length, 32)
  const opened: string[] = []
  for (const { method, path, open } of ROUTES) {
    if (open === true) continue
    for (const id of ['door', 'yard']) {
      const init = method === 'get' ? {} : json(method.toUpperCase(), {}, {})
      const response = await app.request(`${path.replaceAll('{id}', id)}?key=${token}&stream=${id}`, init)
      if (response.status !== 401) opened.push(`${method} ${path.replaceAll('{id}', id)}`)
    }
  }
  assert.equal(opened, ['get /api/streams/door/mjpeg', 'get /api/streams/door/snapshot.jpg'])
  assert.equal(agent.orders, [])
  for (const method of ['POST', 'PUT', 'DELETE']) {
    assert.is((await app.request(`/api/streams/door/snapshot.jpg?key=${token}`, { method })).status, 401, method)
  }
})

test('is no token of the agent, and another text is none of it', async () => {
  await using state = await stateFolder()
  const { app } = await openApp(twoStreams(), state.path)
  const { token } = await made(app, { stream: 'door' })
  assert.is((await app.request('/api/streams', { headers: { Authorization: `Bearer ${token}` } })).status, 401)
  assert.is((await app.request('/login', json('POST', { token }, {}))).status, 401)
  for (const key of ['', 'x', `${token}x`, token.slice(1), TOKEN, '%00', '%F0%9F', 'x'.repeat(4_000)]) {
    assert.is((await app.request(`/api/streams/door/snapshot.jpg?key=${key}`)).status, 401, key)
  }
  const evil = { headers: { Host: 'evil.example' } }
  assert.is((await app.request(`/api/streams/door/snapshot.jpg?key=${token}`, evil)).status, 403)
})

test('is told once, listed without itself, and kept as a hash that only we may read', async () => {
  await using state = await stateFolder()
  const { app } = await openApp(twoStreams(), state.path)
  const { id, token } = await made(app, { stream: 'yard', name: 'wall' })
  const list = await (await app.request('/api/tokens', { headers: bearer })).text()
  assert.not.match(list, token)
  const [shown] = JSON.parse(list) as [Record<string, unknown>]
  assert.equal(
    [shown['id'], shown['stream'], shown['name'], Object.keys(shown).sort()],
    [id, 'yard', 'wall', ['created', 'id', 'name', 'stream']],
  )
  const file = join(state.path, 'stream-tokens.json')
  assert.not.match(await readFile(file, 'utf8'), token)
  assert.is((await stat(file)).mode & 0o777, 0o600)
  assert.not.match(maskSecrets(`GET /api/streams/yard/mjpeg?key=${token}&fps=5`), token)
  const next = await StreamTokens.open(state.path)
  assert.equal([next.idOf(token, 'yard'), next.idOf(token, 'door'), next.warning], [id, null, null])
})

test('refuses what it does not understand, and more than a hundred', async () => {
  await using state = await stateFolder()
  const { app, streamTokens } = await openApp(twoStreams(), state.path)
  for (const [body, status] of [
    [{}, 400],
    [{ stream: 3 }, 400],
    [{ stream: 'door', name: 'x'.repeat(65) }, 400],
    [{ stream: 'door', scope: 'all' }, 400],
    [{ stream: 'nobody' }, 404],
  ] as const) {
    const response = await app.request('/api/tokens', json('POST', body))
    assert.is(response.status, status, JSON.stringify(body))
    await fault(response)
  }
  assert.is((await app.request('/api/tokens/nothing', { method: 'DELETE', headers: bearer })).status, 404)
  await Promise.all(Array.from({ length: 100 }, (_, index) => streamTokens.create('door', `${index}`)))
  assert.is((await app.request('/api/tokens', json('POST', { stream: 'door' }))).status, 409)
  assert.is((await StreamTokens.open(state.path)).list.length, 100)
})

test('ends what it shows when it is taken back, and no other viewer', async () => {
  await using state = await stateFolder()
  await using camera = await openHandCamera()
  const streamTokens = await StreamTokens.open(state.path)
  await using web = await openWeb(handAgent({ door: () => camera.ring }), camera, { streamTokens })
  const kept = await streamTokens.create('door', 'kept')
  const taken = await streamTokens.create('door', 'taken')
  const url = `http://127.0.0.1:${web.port}/api/streams/door/mjpeg?key=`
  const [keeps, loses] = [await fetch(url + kept.token), await fetch(url + taken.token)]
  assert.equal([keeps.status, loses.status, keeps.headers.get('Cross-Origin-Resource-Policy')], [200, 200, 'cross-origin'])
  await eventually(() => web.viewers === 2, { what: 'both watch' })
  const path = `http://127.0.0.1:${web.port}/api/tokens/${taken.id}`
  assert.is((await fetch(path, { method: 'DELETE', headers: bearer })).status, 204)
  await eventually(() => web.viewers === 1, { what: 'one watches no more' })
  await loses.text().catch(() => '')
  assert.is((await fetch(url + taken.token)).status, 401)
  assert.is((await StreamTokens.open(state.path)).idOf(taken.token, 'door'), null)
  await keeps.body?.cancel()
})

test('goes with its stream, so that another of that name is not seen', async () => {
  await using state = await stateFolder()
  const { app } = await openApp(twoStreams(), state.path)
  const { token } = await made(app, { stream: 'door' })
  const yard = await made(app, { stream: 'yard' })
  assert.is((await app.request('/api/streams/door', { method: 'DELETE', headers: bearer })).status, 204)
  assert.is((await app.request('/api/streams', json('POST', { id: 'door', source: 'test' }))).status, 201)
  assert.is((await app.request(`/api/streams/door/snapshot.jpg?key=${token}`)).status, 401)
  assert.is.not((await app.request(`/api/streams/yard/snapshot.jpg?key=${yard.token}`)).status, 401)
})

test('lets nobody in by a file that is broken, and says what to do', async () => {
  await using state = await stateFolder()
  const file = join(state.path, 'stream-tokens.json')
  for (const text of ['', '{', '[]', '{"tokens": [{"id": 1}]}', '{"tokens": null}']) {
    await writeFile(file, text)
    const tokens = await StreamTokens.open(state.path)
    assert.match(tokens.warning ?? '', 'POST /api/tokens', text)
    assert.equal(tokens.list, [])
  }
  const tokens = await StreamTokens.open(state.path)
  await tokens.create('door', '')
  assert.is((await StreamTokens.open(state.path)).list.length, 1)
})

test('is not made when it cannot be kept, and is taken back all the same', async () => {
  await using state = await stateFolder()
  const tokens = await StreamTokens.open(state.path)
  const { id, token } = await tokens.create('door', '')
  // A folder in its place: whatever user this test runs as.
  await rm(join(state.path, 'stream-tokens.json'))
  await mkdir(join(state.path, 'stream-tokens.json', 'x'), { recursive: true })
  const failure = async (doing: Promise<unknown>) =>
    doing.then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    )
  assert.is(await failure(tokens.create('door', '')), 'STATE_UNWRITABLE')
  assert.is(tokens.list.length, 1)
  assert.is(await failure(tokens.revoke({ id })), 'STATE_UNWRITABLE')
  assert.is(tokens.idOf(token, 'door'), null)
})

test.run()
