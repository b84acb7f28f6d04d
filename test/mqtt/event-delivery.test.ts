import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Crossing, CrossingSeen } from '../../agent/history/records.ts'
import { openLog } from '../../agent/log.ts'
import { EventDelivery, type EventDeliveryOptions, type EventTopics } from '../../agent/mqtt/event-delivery.ts'
import type { Happening } from '../../agent/mqtt/events.ts'
import type { Delivery } from '../../agent/mqtt/link.ts'
import { openHistory, temporaryFolder } from '../history/open-history.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { openSession } from './session-for-test.ts'

const test = suite('event delivery')

const quiet = openLog({ level: 'error', write: () => undefined, journal: false })

function crossing(n: number, atMs = n): Crossing {
  return { id: `r-${n}`, stream: 'door', line: 'entrance', direction: n % 2 === 0 ? 'in' : 'out', track: n, atMs }
}

function crossings(count: number): Crossing[] {
  return Array.from({ length: count }, (_, index) => crossing(index + 1))
}

function zoneEnter(atMs: number): Happening {
  return { stream: 'door', type: 'zone_enter', atMs, track: 1, zone: 'desk' }
}

/** History as far as delivery goes, without a disk. */
class Rows {
  readonly rows: Crossing[]
  readonly done = new Set<string>()
  reads = 0

  constructor(rows: readonly Crossing[] = []) {
    this.rows = [...rows]
  }

  undelivered = async (limit: number, after: string | null): Promise<Crossing[]> => {
    this.reads++
    await turn()
    // As the real one: a place that is acknowledged is forgotten.
    const from = after === null || this.done.has(after) ? 0 : this.rows.findIndex(({ id }) => id === after) + 1
    return this.rows
      .slice(from)
      .filter(({ id }) => !this.done.has(id))
      .slice(0, limit)
  }

  delivered = (ids: readonly string[]): void => {
    for (const id of ids) this.done.add(id)
  }
}

/** A broker in the hand of the test. */
class Hand implements EventTopics {
  online = true
  readonly said: string[] = []
  readonly #answers: ((delivery: Delivery) => void)[] = []
  #listener = (): void => undefined
  mostUnderWay = 0

  onOnline(listener: () => void): void {
    this.#listener = listener
  }

  deliver(_suffix: string, payload: string): Promise<Delivery> {
    this.said.push((JSON.parse(payload) as { id: string }).id)
    return new Promise((resolve) => {
      this.#answers.push(resolve)
      this.mostUnderWay = Math.max(this.mostUnderWay, this.#answers.length)
    })
  }

  get underWay(): number {
    return this.#answers.length
  }

  /** Answers the oldest that have none. */
  answer(delivery: Delivery, count = this.#answers.length): void {
    for (const resolve of this.#answers.splice(0, count)) resolve(delivery)
  }

  goOffline(): void {
    this.online = false
    this.answer('lost')
  }

  comeBack(): void {
    this.online = true
    this.#listener()
  }
}

function deliver(options: Pick<EventDeliveryOptions, 'topics' | 'crossings'> & Partial<EventDeliveryOptions>): EventDelivery {
  return new EventDelivery({ log: quiet, run: 'r', ...options })
}

/** Lets everything happen that waits for nothing outside. */
async function settle(): Promise<void> {
  for (let times = 0; times < 20; times++) await turn()
}

/** Answers until nothing is under way any more. */
async function takeAll(hand: Hand): Promise<void> {
  await settle()
  while (hand.underWay > 0) {
    hand.answer('acknowledged')
    await settle()
  }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `r-${from + index}`)
const firsts = (ids: readonly string[]) => [...new Set(ids)]

test('tells every crossing once and in order, few at a time, and none as delivered before its answer', async () => {
  const [hand, rows] = [new Hand(), new Rows(crossings(500))]
  using _ = deliver({ topics: hand, crossings: rows })
  await settle()
  assert.equal(hand.said, numbers(1, 16))
  assert.is(rows.done.size, 0)
  hand.answer('acknowledged', 1)
  await settle()
  assert.equal([...rows.done], ['r-1'])
  assert.is(hand.said.at(-1), 'r-17')
  await takeAll(hand)
  assert.equal(hand.said, numbers(1, 500))
  assert.is(rows.done.size, 500)
  assert.is(hand.mostUnderWay, 16)
})

test('asks history again only when it is told to', async () => {
  const [hand, rows] = [new Hand(), new Rows()]
  using delivery = deliver({ topics: hand, crossings: rows })
  await settle()
  const { reads } = rows
  delivery.tell(zoneEnter(1))
  await takeAll(hand)
  assert.is(rows.reads, reads)
  rows.rows.push(crossing(1))
  delivery.wake()
  await takeAll(hand)
  assert.equal(hand.said, ['r-e1', 'r-1'])
})

test('says again, in order, what had no answer when the broker went', async () => {
  const [hand, rows] = [new Hand(), new Rows(crossings(40))]
  using _ = deliver({ topics: hand, crossings: rows })
  await settle()
  hand.answer('acknowledged', 5)
  await settle()
  assert.equal(hand.said, numbers(1, 21))
  hand.goOffline()
  await settle()
  assert.is(hand.underWay, 0)
  assert.is(hand.said.length, 21, 'nothing goes out without a broker')
  hand.comeBack()
  await takeAll(hand)
  assert.equal(hand.said, [...numbers(1, 21), ...numbers(6, 40)])
})

test('an answer that comes out of order leaves the others to be said again', async () => {
  const [hand, rows] = [new Hand(), new Rows(crossings(3))]
  const resolves: ((delivery: Delivery) => void)[] = []
  const topics: EventTopics = {
    get online() {
      return hand.online
    },
    onOnline: (listener) => hand.onOnline(listener),
    deliver: (_suffix, payload) => {
      hand.said.push((JSON.parse(payload) as { id: string }).id)
      return new Promise((resolve) => resolves.push(resolve))
    },
  }
  using _ = deliver({ topics, crossings: rows })
  await settle()
  resolves[1]?.('acknowledged')
  hand.online = false
  resolves[0]?.('lost')
  resolves[2]?.('lost')
  await settle()
  assert.equal([...rows.done], ['r-2'])
  hand.comeBack()
  await settle()
  assert.equal(hand.said, ['r-1', 'r-2', 'r-3', 'r-1', 'r-3'])
})

test('tells crossings and the rest together in order of time', async () => {
  const hand = new Hand()
  hand.online = false
  const rows = new Rows([10, 20, 30].map((atMs, index) => crossing(index + 1, atMs)))
  using delivery = deliver({ topics: hand, crossings: rows })
  for (const atMs of [5, 20, 25, 40]) delivery.tell(zoneEnter(atMs))
  hand.comeBack()
  await takeAll(hand)
  assert.equal(hand.said, ['r-e1', 'r-1', 'r-2', 'r-e2', 'r-e3', 'r-3', 'r-e4'])
})

test('keeps the newest of what is not in history, counts what it drops, and says so', async () => {
  const hand = new Hand()
  const lines: string[] = []
  using delivery = deliver({
    topics: hand,
    crossings: new Rows(),
    log: openLog({ level: 'warn', write: (line) => lines.push(line), journal: false }),
  })
  await settle()
  delivery.tell(zoneEnter(1))
  delivery.tell(zoneEnter(2))
  hand.goOffline()
  await settle()
  for (let n = 3; n <= 700; n++) delivery.tell(zoneEnter(n))
  assert.is(delivery.dropped, 200)
  hand.comeBack()
  await takeAll(hand)
  assert.is(delivery.dropped, 200)
  assert.equal(hand.said.slice(2), [...Array.from({ length: 500 }, (_, index) => `r-e${201 + index}`)])
  assert.is(lines.length, 2, lines.join(''))
  assert.match(lines[1] ?? '', 'dropped=200')
})

test('a refusal is no delivery: it is tried again after a pause that grows, one message alone, until the broker takes it', async () => {
  const [hand, rows] = [new Hand(), new Rows(crossings(20))]
  const pauses: number[] = []
  const refusedDelayMs = (refusals: number) => {
    pauses.push(refusals)
    return 5
  }
  using delivery = deliver({ topics: hand, crossings: rows, refusedDelayMs })
  await settle()
  hand.answer('acknowledged', 2)
  await settle()
  hand.answer('refused')
  await settle()
  for (const refusals of [1, 2, 3]) {
    delivery.wake()
    assert.equal(pauses.length, refusals)
    await eventually(() => hand.underWay > 0, { what: 'it is tried again', everyMs: 2 })
    await settle()
    assert.is(hand.underWay, 1)
    assert.is(hand.said.at(-1), 'r-3')
    if (refusals === 3) break
    hand.answer('refused')
    await settle()
  }
  await takeAll(hand)
  assert.equal(pauses, [1, 2, 3])
  assert.equal([...rows.done], numbers(1, 20))
  assert.equal(firsts(hand.said), numbers(1, 20))
})

test('a new connection does not wait for the pause after a refusal', async () => {
  const [hand, rows] = [new Hand(), new Rows(crossings(1))]
  using _ = deliver({ topics: hand, crossings: rows, refusedDelayMs: () => 1_000_000 })
  await settle()
  hand.answer('refused')
  await settle()
  assert.is(hand.underWay, 0)
  hand.comeBack()
  await takeAll(hand)
  assert.equal([...rows.done], ['r-1'])
})

test('a history that does not answer does not hold up the rest for ever, and what it answers later is told', async () => {
  const hand = new Hand()
  let answer = (_rows: readonly Crossing[]): void => undefined
  const source = {
    undelivered: () =>
      new Promise<readonly Crossing[]>((resolve) => {
        answer = resolve
      }),
    delivered: () => undefined,
  }
  using delivery = deliver({ topics: hand, crossings: source })
  delivery.tell(zoneEnter(1))
  await settle()
  assert.equal(hand.said, [], 'a crossing may be the older one')
  await eventually(() => hand.said.length === 1, { what: 'it is told alone', withinMs: 30_000 })
  answer([crossing(1)])
  await settle()
  assert.equal(hand.said, ['r-e1', 'r-1'])
})

test('notes answers that come after its end, and sends nothing more', async () => {
  const [hand, rows] = [new Hand(), new Rows(crossings(20))]
  {
    using _ = deliver({ topics: hand, crossings: rows })
    await settle()
  }
  hand.answer('acknowledged')
  await settle()
  assert.is(rows.done.size, 16)
  assert.is(hand.said.length, 16)
})

test('whatever goes wrong, every event arrives, first in its place', async () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
  for (let round = 0; round < 30; round++) {
    const [hand, rows] = [new Hand(), new Rows()]
    using delivery = deliver({ topics: hand, crossings: rows, refusedDelayMs: () => 0 })
    const told: string[] = []
    const acknowledged: string[] = []
    for (let step = 0; step < 400; step++) {
      const choice = random(20)
      if (choice < 6) {
        for (let n = random(5); n >= 0; n--) rows.rows.push(crossing(rows.rows.length + 1, step))
        delivery.wake()
      } else if (choice < 8) told.push(delivery.tell(zoneEnter(step)).id)
      else if (choice < 16) hand.answer('acknowledged', random(20))
      else if (choice === 16) hand.answer('refused', 1)
      else if (choice === 17) hand.answer('lost', 1)
      else if (choice === 18) hand.goOffline()
      else hand.comeBack()
      if (random(3) === 0) await turn()
      acknowledged.push(...[...rows.done].slice(acknowledged.length))
      assert.ok(
        acknowledged.every((id) => hand.said.includes(id)),
        'nothing is delivered that was not sent',
      )
    }
    hand.comeBack()
    await eventually(
      async () => {
        await takeAll(hand)
        return rows.done.size === rows.rows.length && told.every((id) => hand.said.includes(id))
      },
      { what: `everything has arrived in round ${round}`, everyMs: 2 },
    )
    const first = firsts(hand.said)
    assert.equal(
      first.filter((id) => !id.startsWith('r-e')),
      rows.rows.map(({ id }) => id),
    )
    assert.equal(
      first.filter((id) => id.startsWith('r-e')),
      told,
    )
    assert.ok(hand.mostUnderWay <= 16)
  }
})

/** A subscriber whose subscription outlives the broker, so that only what the broker never said can be missing. */
async function faithfulSubscriber(url: string, heard: string[]): Promise<AsyncDisposable> {
  const client = await connectAsync(url, { clientId: 'faithful', clean: false, reconnectPeriod: 100 })
  client.on('message', (_topic, payload) => heard.push((JSON.parse(String(payload)) as { id: string }).id))
  await client.subscribeAsync('headcount/door/+/event', { qos: 1 })
  return {
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
}

/** Waits until a halted sender's last words are read: those are in this process's sockets, and each look comes after they were read once more. */
async function restful(count: () => number): Promise<void> {
  let [before, same] = [-1, 0]
  const looks = async () => {
    await sleep(20)
    same = count() === before ? same + 1 : 0
    before = count()
    return same >= 5
  }
  await eventually(looks, { what: 'all that was said is heard' })
}

for (const version of [5, 4]) {
  test(`a broker that is killed in the middle of 500 crossings costs none of them (version ${version})`, async () => {
    await using folder = await temporaryFolder()
    await using opened = await openHistory(folder.path)
    const { history } = opened
    await using broker = await startBroker({ persistent: true, extra: 'max_inflight_messages 0\nmax_queued_messages 0' })
    const heard: string[] = []
    await using _subscriber = await faithfulSubscriber(broker.url, heard)
    // Now the subscription is on the disk, and every later life of the broker begins with it.
    await broker.stop('SIGTERM')
    await broker.start()
    const { session } = openSession({ url: broker.url, version })
    await using _ = session
    using delivery = new EventDelivery({ topics: session, crossings: history, log: quiet })
    const ids: string[] = []
    const commit = async (count: number) => {
      for (let n = 0; n < count; n += 5) {
        const seen = Array.from(
          { length: 5 },
          (_, index): CrossingSeen => ({
            stream: 'cam',
            line: 'entrance',
            direction: index % 2 === 0 ? 'in' : 'out',
            track: n + index,
            atMs: Date.now(),
          }),
        )
        ids.push(...(await history.commitCrossings(seen)).map(({ id }) => id))
        delivery.wake()
      }
    }
    for (const kill of [1, 2]) {
      const committing = commit(200)
      await eventually(() => heard.length > kill * 100 - 50, { what: 'some have arrived' })
      // What it has taken over and not yet passed on dies with it: that would be its loss, not ours.
      process.kill(broker.pid, 'SIGSTOP')
      await restful(() => heard.length)
      await broker.stop('SIGKILL')
      await committing
      await broker.start()
    }
    await commit(100)
    await eventually(() => new Set(heard).size === 500, {
      what: 'every crossing has arrived',
      withinMs: 60_000,
      log: () => `${new Set(heard).size} have, missing is ${ids.filter((id) => !heard.includes(id)).join(' ')}`,
    })
    assert.equal(firsts(heard), ids)
    await eventually(async () => (await history.undelivered(10)).length === 0, { what: 'history knows that all are delivered' })
    assert.is(session.fault, null)
  })
}

test('what a run could not deliver is delivered by the next', async () => {
  await using folder = await temporaryFolder()
  const ids: string[] = []
  {
    await using opened = await openHistory(folder.path)
    const { session } = openSession({ url: 'mqtt://127.0.0.1:1' })
    await using _ = session
    using delivery = new EventDelivery({ topics: session, crossings: opened.history, log: quiet })
    for (let n = 0; n < 30; n++) {
      const seen = { stream: 'cam', line: 'entrance', direction: 'in' as const, track: n, atMs: Date.now() }
      ids.push(...(await opened.history.commitCrossings([seen])).map(({ id }) => id))
      delivery.wake()
    }
  }
  await using broker = await startBroker()
  const heard: string[] = []
  await using _subscriber = await faithfulSubscriber(broker.url, heard)
  await using opened = await openHistory(folder.path)
  const { session } = openSession({ url: broker.url })
  await using _ = session
  using _delivery = new EventDelivery({ topics: session, crossings: opened.history, log: quiet })
  await eventually(() => heard.length >= 30, { what: 'all have arrived' })
  assert.equal(heard, ids)
})

test('crossings that an access list refuses wait in history, the fault is shown, and they arrive when the list is corrected', async () => {
  await using folder = await temporaryFolder()
  await using opened = await openHistory(folder.path)
  const rights = 'user door\ntopic readwrite headcount/door/status\ntopic read headcount/#'
  await using broker = await startBroker({ users: { door: 'right' }, acl: rights })
  const { session } = openSession({ url: broker.url, username: 'door' }, 'right')
  await using _ = session
  await eventually(() => session.online, { what: 'the session is online' })
  let tries = 0
  const refusedDelayMs = () => {
    tries++
    return 50
  }
  using delivery = new EventDelivery({ topics: session, crossings: opened.history, log: quiet, refusedDelayMs })
  const seen = { stream: 'cam', line: 'entrance', direction: 'in' as const, track: 1, atMs: Date.now() }
  await opened.history.commitCrossings([seen, seen])
  delivery.wake()
  await eventually(() => tries > 3, { what: 'it is tried again and again' })
  assert.is(session.fault?.code, 'BROKER_REFUSED')
  assert.match(session.fault?.message ?? '', 'headcount/door/cam/event')
  assert.is((await opened.history.undelivered(10)).length, 2)
  await broker.rewriteAcl(`${rights}\ntopic write headcount/door/cam/event`)
  await eventually(async () => (await opened.history.undelivered(10)).length === 0, { what: 'both are delivered' })
  assert.is(session.fault, null)
})

test.run()
