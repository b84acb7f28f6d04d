import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Area, insideOf, nobodyInside, stepInside } from '../../agent/counting/areas.ts'
import type { Crossing as LineCrossing } from '../../agent/counting/lines.ts'
import type { History } from '../../agent/history/history.ts'
import { Ledger } from '../../agent/ledger.ts'
import { eventually } from '../support/eventually.ts'
import { randomFrom } from '../tracking/random.ts'
import { openHistory, temporaryFolder } from './open-history.ts'

const SHOP: Area = { id: 'shop', entrances: ['door/entrance'] }

/** A ledger on a history, and the ids it has told of, in order. */
function ledgerOn(history: History): { ledger: Ledger; told: string[] } {
  const told: string[] = []
  const ledger = new Ledger({
    history,
    areas: [SHOP],
    onCommitted: (crossings) => told.push(...crossings.map(({ id }) => id)),
    onIncident: () => undefined,
    onChange: () => undefined,
  })
  return { ledger, told }
}

const crossing = (type: LineCrossing['type'], track: number): LineCrossing => ({ type, line: 'entrance', track, atMs: Date.now() })

const test = suite('the ledger on a history that fails')

test('a file that can be read only later: nothing is said until then, and nobody who came meanwhile is forgotten', async () => {
  await using folder = await temporaryFolder()
  const first = await openHistory(folder.path)
  {
    using books = ledgerOn(first.history).ledger
    books.record('door', [crossing('line_in', 1), crossing('line_in', 2), crossing('line_in', 3)])
    await eventually(() => books.inside('shop') === 3, { what: 'three are inside' })
  }
  // The file is held by the first: the second cannot read what it has.
  await using second = await openHistory(folder.path)
  const { ledger, told } = ledgerOn(second.history)
  assert.equal([ledger.totals('door', 'entrance'), ledger.inside('shop')], [null, null])
  for (const type of ['line_out', 'line_out', 'line_in'] as const) ledger.record('door', [crossing(type, 4)])
  await eventually(() => told.length === 3, { what: 'crossings are told all the same' })
  assert.is(ledger.inside('shop'), null)
  await first[Symbol.asyncDispose]()
  await eventually(() => ledger.inside('shop') === 2, { what: 'two are inside', withinMs: 60_000 })
  ledger.record('door', [crossing('line_in', 5)])
  await eventually(() => ledger.inside('shop') === 3, { what: 'three are inside' })
  const { in: ins, out: outs } = ledger.totals('door', 'entrance') ?? {}
  assert.equal([ins, outs], [5, 2])
  await second.history[Symbol.asyncDispose]()
  await using third = await openHistory(folder.path)
  assert.is(third.history.inside('shop'), 3)
})

test('who is said to be inside before the file can be read is not counted with those who passed before', async () => {
  await using folder = await temporaryFolder()
  const first = await openHistory(folder.path)
  await first.history.setInside('shop', 7, 'somebody')
  await using second = await openHistory(folder.path)
  const { ledger, told } = ledgerOn(second.history)
  for (const track of [1, 2, 3]) ledger.record('door', [crossing('line_in', track)])
  await eventually(() => told.length === 3, { what: 'crossings are told all the same' })
  await ledger.setInside('shop', 0, 'somebody')
  ledger.record('door', [crossing('line_out', 4), crossing('line_in', 5)])
  await eventually(() => told.length === 5, { what: 'the others are told, too' })
  await first[Symbol.asyncDispose]()
  await eventually(() => ledger.inside('shop') !== null, { what: 'the file can be read', withinMs: 60_000 })
  await ledger.setInside('other', 1, 'somebody')
  assert.is(ledger.inside('shop'), 1)
})

test('whatever comes and is corrected, however close together: history has the people inside that the crossings say', async () => {
  const random = randomFrom(3)
  await using folder = await temporaryFolder()
  let truth = nobodyInside
  for (let life = 0; life < 5; life++) {
    await using opened = await openHistory(folder.path)
    const { ledger, told } = ledgerOn(opened.history)
    let recorded = 0
    for (let step = 0; step < 60; step++) {
      if (random() < 0.1) {
        const value = Math.floor(random() * 10)
        void ledger.setInside('shop', value, 'somebody')
        truth = new Map([['shop', value]])
        continue
      }
      const events = Array.from({ length: 1 + Math.floor(random() * 3) }, () => crossing(random() < 0.45 ? 'line_in' : 'line_out', step))
      ledger.record('door', events)
      for (const { type } of events) truth = stepInside(truth, [SHOP], { type, stream: 'door', line: 'entrance' })
      recorded += events.length
    }
    await eventually(() => told.length === recorded, { what: 'all are committed' })
    // In order, so that one more tells that all before it are done.
    await ledger.setInside('other', 1, 'somebody')
    assert.is(ledger.inside('shop'), insideOf(truth, 'shop'), `life ${life}`)
    assert.is(new Set(told).size, told.length)
  }
})

test.run()
