import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { handAgent, handStream } from '../support/mjpeg-agent.ts'
import { bearer, fault, json, openApp } from './hand-app.ts'

const test = suite('http totals and areas')

/** An agent whose stream `door` has the line `entrance`. */
function withLine() {
  const agent = handAgent()
  const line = { id: 'entrance', from: [0.5, 0] as const, to: [0.5, 1] as const }
  const door = { ...handStream('door'), geometry: { zones: [], lines: [line] } }
  agent.streams = () => [door]
  agent.stream = (id: string) => (id === 'door' ? door : undefined)
  return agent
}

test('resets the totals of one line, of one stream, of all', async () => {
  const { app, agent } = await openApp(withLine())
  const reset = async (path: string, init: RequestInit) => (await app.request(path, init)).status
  const bare = { method: 'POST', headers: bearer }
  assert.is(await reset('/api/streams/door/totals/reset', json('POST', { line: 'entrance' })), 204)
  assert.is(await reset('/api/streams/door/totals/reset', json('POST', {})), 204)
  assert.is(await reset('/api/streams/door/totals/reset', bare), 204)
  assert.is(await reset('/api/totals/reset', bare), 204)
  assert.is(await reset('/api/totals/reset', json('POST', {})), 204)
  assert.equal(agent.orders, [
    'reset door/entrance by http',
    'reset door/* by http',
    'reset door/* by http',
    'reset */* by http',
    'reset */* by http',
  ])
})

test('resets nothing that it does not understand', async () => {
  const { app, agent } = await openApp(withLine())
  const cases: readonly (readonly [string, RequestInit, number])[] = [
    ['/api/streams/nobody/totals/reset', json('POST', {}), 404],
    ['/api/streams/door/totals/reset', json('POST', { line: 'exit' }), 404],
    ['/api/streams/door/totals/reset', json('POST', { line: '__proto__' }), 404],
    ['/api/streams/door/totals/reset', json('POST', { line: null }), 400],
    ['/api/streams/door/totals/reset', json('POST', { line: ['entrance'] }), 400],
    ['/api/streams/door/totals/reset', json('POST', { lines: 'entrance' }), 400],
    ['/api/streams/door/totals/reset', json('POST', 'null'), 400],
    ['/api/streams/door/totals/reset', { method: 'POST', headers: bearer, body: 'line=entrance' }, 415],
    ['/api/totals/reset', json('POST', { stream: 'door' }), 400],
    ['/api/totals/reset', json('POST', '{'), 400],
  ]
  for (const [path, init, status] of cases) {
    const response = await app.request(path, init)
    assert.is(response.status, status, `${path} ${JSON.stringify(init.body)}`)
    await fault(response)
  }
  assert.equal(agent.orders, [])
})

test('tells areas, with null as long as nobody knows who is inside', async () => {
  const { app } = await openApp()
  const areas = async () => (await app.request('/api/areas', { headers: bearer })).json()
  assert.equal(await areas(), [{ id: 'shop', entrances: ['door/entrance'], inside: null }])
  const set = await app.request('/api/areas/shop/inside', json('POST', { value: 0 }))
  assert.equal([set.status, await set.json()], [200, { id: 'shop', entrances: ['door/entrance'], inside: 0 }])
  assert.equal(await areas(), [{ id: 'shop', entrances: ['door/entrance'], inside: 0 }])
})

test('takes no number of people that cannot be one', async () => {
  const { app, agent } = await openApp()
  for (const body of [
    {},
    { value: null },
    { value: -1 },
    { value: 0.5 },
    { value: '3' },
    { value: 1_000_001 },
    { value: 1e300 },
    { value: [3] },
    { value: true },
    { value: 3, area: 'x' },
  ]) {
    const response = await app.request('/api/areas/shop/inside', json('POST', body))
    assert.is(response.status, 400, JSON.stringify(body))
    assert.match((await fault(response)).remedy, 'whole number')
  }
  assert.is((await app.request('/api/areas/nowhere/inside', json('POST', { value: 1 }))).status, 404)
  assert.is((await app.request('/api/areas/shop/inside', { method: 'POST', headers: bearer })).status, 415)
  assert.equal(agent.orders, [])
  assert.is((await app.request('/api/areas/shop/inside', json('POST', { value: 1_000_000 }))).status, 200)
})

test.run()
