import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countSentence, watchCount } from '../../agent/demo/count-watch.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('count watch')
const { signal } = new AbortController()

test('hears the count of one stream until it leaves its scope', async () => {
  await using broker = await startBroker()
  const person = await connectAsync(broker.url)
  const counts: string[] = []
  {
    await using _ = await watchCount({ url: broker.url, topic: 'a/count', onCount: (count) => counts.push(count), signal })
    await person.publishAsync('b/count', '7', { qos: 1 })
    await person.publishAsync('a/count', '2', { qos: 1 })
    await eventually(() => counts.length > 0, { what: 'the count is heard' })
  }
  await person.publishAsync('a/count', '3', { qos: 1 })
  await person.endAsync()
  assert.equal(counts, ['2'])
})

test('gives up a broker that does not answer as soon as it is told to', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const url = `mqtt://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const stop = new AbortController()
  const watching = watchCount({ url, topic: 'a', onCount: () => undefined, signal: stop.signal }).catch((error: unknown) => error)
  await eventually(() => sockets.length > 0, { what: 'it asks the broker' })
  const gone = once(sockets[0] as Socket, 'close')
  stop.abort()
  assert.is(((await watching) as Error).name, 'AbortError')
  await gone
  silent.close()
})

test('says a count as a person would', () => {
  assert.equal(['0', '1', '12'].map(countSentence), ['0 people in view', '1 person in view', '12 people in view'])
  assert.match(countSentence('unknown'), 'not known')
})

test.run()
