import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isAllowedHost } from '../../agent/http/hosts.ts'
import { LoginLimit, neighbourhoodOf } from '../../agent/http/login-limit.ts'
import { ROUTES } from '../../agent/http/openapi-paths.ts'
import { Sessions } from '../../agent/http/sessions.ts'
import { fault, json, openApp, TOKEN } from './hand-app.ts'

const test = suite('access')
const PAGE = { Origin: 'http://localhost', Host: 'localhost' }

/** The cookie of a browser that logged in. */
function cookieOf(response: Response): string {
  return response.headers.get('Set-Cookie')?.split(';')[0] ?? ''
}

test('lets nobody in without the token, whatever the path', async () => {
  const { app } = await openApp()
  for (const path of [
    '/api/streams',
    '/api/camera/stream',
    '/api/streams/door/snapshot.jpg',
    '/warmup',
    '/nothing',
    '/page.js/x',
    '/login',
  ]) {
    const response = await app.request(path)
    assert.is(response.status, 401, path)
    assert.match(response.headers.get('WWW-Authenticate') ?? '', 'Basic')
    assert.is((await fault(response)).code, 'UNAUTHORIZED')
  }
})

test('takes the token as Bearer, or as password of Basic with any name', async () => {
  const { app } = await openApp()
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
  for (const Authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, basic(`viewer:${TOKEN}`), basic(`:${TOKEN}`)]) {
    assert.is((await app.request('/api/streams', { headers: { Authorization } })).status, 200, Authorization)
  }
  for (const Authorization of [
    `Bearer ${TOKEN}x`,
    'Bearer',
    `Bearer ${TOKEN.slice(1)}`,
    basic(`${TOKEN}:`),
    basic('viewer:'),
    'Basic ???',
    TOKEN,
  ]) {
    const response = await app.request('/api/streams', { headers: { Authorization } })
    assert.is(response.status, 401, Authorization)
    assert.not.match(await response.text(), TOKEN)
  }
})

test('asks a page for the token without the window of the browser', async () => {
  const { app } = await openApp()
  const response = await app.request('/api/streams', { headers: { Accept: 'application/json' } })
  assert.is(response.headers.get('WWW-Authenticate'), 'Bearer realm="headcount"')
})

test('opens a session by login and ends it by logout', async () => {
  const { app } = await openApp()
  const login = await app.request('/login', json('POST', { token: TOKEN }, PAGE))
  assert.is(login.status, 204)
  const whole = login.headers.get('Set-Cookie') ?? ''
  assert.match(whole, 'HttpOnly')
  assert.match(whole, 'SameSite=Strict')
  assert.not.match(whole, TOKEN)
  const Cookie = cookieOf(login)
  assert.is((await app.request('/api/streams', { headers: { Cookie } })).status, 200)
  assert.is((await app.request('/logout', { method: 'POST', headers: { Cookie, ...PAGE } })).status, 204)
  assert.is((await app.request('/api/streams', { headers: { Cookie } })).status, 401)
})

test('takes a login by form, as a browser without JavaScript sends it', async () => {
  const { app } = await openApp()
  const form = (token: string) => ({ method: 'POST', headers: PAGE, body: new URLSearchParams({ token }) })
  const right = await app.request('/login', form(TOKEN))
  assert.equal([right.status, right.headers.get('Location')], [303, '/'])
  assert.is((await app.request('/api/streams', { headers: { Cookie: cookieOf(right) } })).status, 200)
  const wrong = await app.request('/login', form('wrong'))
  assert.equal([wrong.headers.get('Location'), wrong.headers.get('Set-Cookie')], ['/#wrong-token', null])
})

test('takes the token out of the address bar', async () => {
  const { app } = await openApp()
  const response = await app.request(`/?token=${TOKEN}`)
  assert.equal([response.status, response.headers.get('Location')], [303, '/'])
  assert.is((await app.request('/api/streams', { headers: { Cookie: cookieOf(response) } })).status, 200)
  assert.is((await app.request('/?token=wrong')).headers.get('Set-Cookie'), null)
})

test('keeps the cookies of two agents on one host apart', async () => {
  const { app } = await openApp()
  const names = await Promise.all(
    ['localhost:8080', 'localhost:8081'].map(
      async (Host) => cookieOf(await app.request(`/?token=${TOKEN}`, { headers: { Host } })).split('=')[0],
    ),
  )
  assert.is.not(names[0], names[1])
})

test('takes changes by cookie only from its own page', async () => {
  const { app, agent } = await openApp()
  const Cookie = cookieOf(await app.request('/login', json('POST', { token: TOKEN }, PAGE)))
  const stop = (headers: Readonly<Record<string, string>>) => app.request('/api/camera/stop', { method: 'POST', headers })
  for (const headers of [
    { Cookie },
    { Cookie, Origin: 'http://evil.example' },
    { Cookie, Origin: 'null' },
    { Cookie, Origin: 'http://localhost:81' },
  ]) {
    const response = await stop(headers)
    assert.is(response.status, 403)
    assert.is((await fault(response)).code, 'FORBIDDEN')
  }
  assert.equal(agent.orders, [])
  assert.is((await stop({ Cookie, ...PAGE })).status, 200)
  assert.is((await stop({ Authorization: `Bearer ${TOKEN}` })).status, 200)
})

test('does not take HTTP Basic that a browser sends for another page', async () => {
  const { app, agent } = await openApp()
  const Authorization = `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`
  const response = await app.request('/api/camera/stop', { method: 'POST', headers: { Authorization, Origin: 'http://evil.example' } })
  assert.is(response.status, 403)
  assert.equal(agent.orders, [])
})

test('answers only to names that nobody else can own', async () => {
  const { app } = await openApp()
  const status = async (Host: string) => (await app.request('/health', { headers: { Host } })).status
  for (const host of ['localhost', 'LOCALHOST:8080', '192.168.1.9:8080', '[::1]:8080', 'counter', 'counter.local:8080', 'people.example']) {
    assert.is(await status(host), 200, host)
  }
  for (const host of ['evil.example', 'counter.evil.example', 'localhost.evil.example', '192.168.1.9.evil.example']) {
    assert.is(await status(host), 403, host)
  }
  assert.ok(isAllowedHost('pi.lan.example', 'pi.lan.example', 'auto'))
  assert.ok(isAllowedHost('pi.local', 'pi.lan.example', 'auto'))
})

test('lets an address wait after ten wrong logins', async () => {
  const { app } = await openApp()
  for (let i = 0; i < 10; i += 1) assert.is((await app.request('/login', json('POST', { token: 'wrong' }, PAGE))).status, 401)
  const refused = await app.request('/login', json('POST', { token: TOKEN }, PAGE))
  assert.is(refused.status, 429)
  assert.is(refused.headers.get('Retry-After'), '60')
  assert.is((await fault(refused)).code, 'TOO_MANY_ATTEMPTS')
  assert.is((await app.request('/api/streams', { headers: { Authorization: `Bearer ${TOKEN}` } })).status, 200)
})

test('forgets failures after a minute, and does not grow with the number of addresses', () => {
  const limit = new LoginLimit()
  for (let i = 0; i < 10; i += 1) limit.failed('10.0.0.1', 0)
  assert.is(limit.allows('10.0.0.1', 59_000), false)
  assert.is(limit.allows('10.0.0.2', 59_000), true)
  assert.is(limit.allows('10.0.0.1', 60_000), true)
  for (let i = 0; i < 5_000; i += 1) limit.failed(`10.1.${i >> 8}.${i & 255}`, 1)
  assert.is(limit.allows('10.0.0.1', 2), true)
})

test('counts an IPv6 network as one, and IPv4 as itself', () => {
  for (const [address, stands] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ] as const) {
    assert.is(neighbourhoodOf(address), stands, address)
  }
  const limit = new LoginLimit()
  for (let host = 1; host <= 10; host += 1) limit.failed(`2001:db8:1:2::${host.toString(16)}`, 0)
  assert.not(limit.allows('2001:db8:1:2:ffff::1', 1))
  assert.ok(limit.allows('2001:db8:1:3::1', 1))
})

test('gives every answer the headers that keep others out, and lets no other page read one', async () => {
  const { app } = await openApp()
  const asked = ['/', '/page.js', '/health', '/api/streams', '/nothing', '/login', '/openapi.json']
  for (const path of asked) {
    const { headers } = await app.request(path, { headers: { Origin: 'http://evil.example', Authorization: `Bearer ${TOKEN}` } })
    const policy = headers.get('Content-Security-Policy') ?? ''
    assert.match(policy, "default-src 'none'")
    assert.match(policy, "frame-ancestors 'none'")
    assert.not.match(policy, 'unsafe')
    assert.is(headers.get('X-Content-Type-Options'), 'nosniff', path)
    assert.is(headers.get('Referrer-Policy'), 'no-referrer', path)
    assert.is(headers.get('Cross-Origin-Resource-Policy'), 'same-origin', path)
    for (const name of headers.keys()) assert.not.match(name, /^access-control-/, path)
  }
  const preflight = await app.request('/api/streams', {
    method: 'OPTIONS',
    headers: { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' },
  })
  assert.is(preflight.status, 403)
  assert.is(preflight.headers.get('Access-Control-Allow-Origin'), null)
})

test('takes no change of any route from another page, whoever logged in', async () => {
  const { app, agent } = await openApp()
  const Cookie = cookieOf(await app.request('/login', json('POST', { token: TOKEN }, PAGE)))
  for (const { method, path } of ROUTES.filter((route) => route.method !== 'get' && route.path !== '/login')) {
    for (const headers of [
      { Cookie },
      { Cookie, Origin: 'http://evil.example' },
      { Authorization: `Bearer ${TOKEN}`, Origin: 'http://evil.example' },
    ]) {
      const response = await app.request(path.replaceAll('{id}', 'door'), json(method.toUpperCase(), { value: 1 }, headers))
      assert.is(response.status, 403, `${method} ${path}`)
    }
  }
  assert.equal(agent.orders, [])
})

test('ends sessions after their time, the oldest first when there are too many', () => {
  const sessions = new Sessions()
  const first = sessions.open(0)
  const later = Array.from({ length: 199 }, () => sessions.open(1))
  assert.ok(sessions.has(first, 2))
  const last = sessions.open(2)
  assert.not(sessions.has(first, 3))
  assert.ok([...later, last].every((id) => sessions.has(id, 3)))
  assert.not(sessions.has(last, 31 * 24 * 3_600_000))
  assert.is(new Set([first, ...later, last]).size, 201)
})

test.run()
