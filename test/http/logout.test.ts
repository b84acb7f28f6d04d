import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HeldConnections } from '../../agent/http/held-connections.ts'
import { Sessions } from '../../agent/http/sessions.ts'
import { eventually } from '../support/eventually.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { openHandCamera } from '../support/mjpeg-camera.ts'
import { bearer, json, TOKEN } from './hand-app.ts'
import { openWeb } from './hand-web.ts'

const test = suite('logout')

test('ends the live picture and the events of its session, and of no other', async () => {
  await using camera = await openHandCamera()
  const agent = handAgent({ door: () => camera.ring })
  await using web = await openWeb(agent, camera)
  const url = `http://127.0.0.1:${web.port}`
  const login = async () => {
    const { headers } = await fetch(`${url}/login`, json('POST', { token: TOKEN }, { Origin: url }))
    return { Cookie: headers.get('Set-Cookie')?.split(';')[0] ?? '' }
  }
  const [leaving, staying] = [await login(), await login()]
  const watch = (path: string, headers: Record<string, string>) => fetch(url + path, { headers })
  const endless = ['/api/streams/door/mjpeg', '/api/camera/stream', '/api/events']
  const left = await Promise.all(endless.map((path) => watch(path, leaving)))
  const others = await Promise.all(endless.flatMap((path) => [watch(path, staying), watch(path, bearer)]))
  assert.ok([...left, ...others].every(({ status }) => status === 200))
  await eventually(() => web.viewers === 6, { what: 'all watch' })

  const answer = await fetch(`${url}/logout`, { method: 'POST', headers: { ...leaving, Origin: url } })
  assert.is(answer.status, 204)
  await eventually(() => web.viewers === 4, { what: 'the pictures of one session are gone' })
  await Promise.all(left.map((response) => response.text().catch(() => 'broken off')))
  agent.tell({ type: 'event', stream: 'door', event: { id: 'still here' } })
  for (const response of others) await response.body?.cancel()
  assert.is((await watch('/api/streams', leaving)).status, 401)
  assert.is((await watch('/api/streams', staying)).status, 200)
})

test('ends what a session shows that makes room for a newer one, or is over', () => {
  const ended: string[] = []
  const sessions = new Sessions()
  const shown = (name: string) => ({ once: () => undefined, destroy: () => ended.push(name) })
  const first = sessions.open(0)
  sessions.hold(first, shown('first'))
  const second = sessions.open(1)
  sessions.hold(second, shown('second'))
  for (let count = 0; count < 199; count++) sessions.open(2)
  assert.equal(ended, ['first'])
  assert.not(sessions.has(second, 31 * 24 * 3_600_000))
  assert.equal(ended, ['first', 'second'])
})

test('remembers no connection that is gone', () => {
  const held = new HeldConnections()
  const gone: (() => void)[] = []
  let destroyed = 0
  const connection = { once: (_: 'close', listener: () => void) => gone.push(listener), destroy: () => ++destroyed }
  held.hold('one', connection)
  for (const listener of gone) listener()
  held.end('one')
  assert.is(destroyed, 0)
})

test.run()
