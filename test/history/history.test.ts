import { copyFile, stat } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HandClock, openHistory, rowsOf, seen, temporaryFolder } from './open-history.ts'

const test = suite('history')

test('totals and people inside are there after a restart, with those of today', async () => {
  await using folder = await temporaryFolder()
  const clock = new HandClock('2026-05-04T12:00:00Z')
  {
    await using opened = await openHistory(folder.path, { clock })
    const { history } = opened
    assert.equal(history.totals('door', 'entrance'), { in: 0, out: 0, inToday: 0, outToday: 0 })
    await history.commitCrossings([seen('in', Date.parse('2026-05-03T12:00:00Z')), seen('out', Date.parse('2026-05-03T12:00:01Z'))], {
      shop: 0,
    })
    await history.commitCrossings([seen('in', clock.wallMs()), seen('in', clock.wallMs(), { line: 'side' })], { shop: 2 })
    assert.equal(history.totals('door', 'entrance'), { in: 2, out: 1, inToday: 1, outToday: 0 })
  }
  await using again = await openHistory(folder.path, { clock })
  assert.equal(again.history.totals('door', 'entrance'), { in: 2, out: 1, inToday: 1, outToday: 0 })
  assert.equal(again.history.totals('door', 'side'), { in: 1, out: 0, inToday: 1, outToday: 0 })
  assert.is(again.history.inside('shop'), 2)
  assert.is(again.history.inside('cellar'), 0)
  assert.equal([...again.faults, ...again.left], [])
})

test('a crossing is in the file when the commit returns, and nobody else may read it there', async () => {
  await using folder = await temporaryFolder()
  await using opened = await openHistory(folder.path)
  const [crossing] = await opened.history.commitCrossings([seen('in', 1_777_777_777_777)])
  assert.match(crossing?.id ?? '', /^[0-9a-f]{12}-1$/)
  assert.is((await stat(folder.file)).mode & 0o777, 0o600)
  const [row] = await opened.history.undelivered(10)
  assert.equal(row, crossing)
})

test('today begins at local midnight, on the days of 23 and of 25 hours too', async () => {
  await using folder = await temporaryFolder()
  const clock = new HandClock('2026-03-29T21:59:00Z')
  await using opened = await openHistory(folder.path, { clock })
  const { history } = opened
  const today = () => history.totals('door', 'entrance')?.inToday
  // 29 March begins at 23:00 UTC of the day before and ends at 22:00 UTC.
  await history.commitCrossings([seen('in', Date.parse('2026-03-28T22:59:59Z')), seen('in', Date.parse('2026-03-28T23:00:00Z'))])
  await history.commitCrossings([seen('in', clock.wallMs())])
  assert.is(today(), 2)
  clock.pass(60_000)
  assert.is(today(), 0)
  // 25 October begins at 22:00 UTC of the day before and ends at 23:00 UTC.
  clock.set('2026-10-25T22:59:00Z')
  await history.commitCrossings([seen('in', Date.parse('2026-10-24T22:00:00Z')), seen('in', Date.parse('2026-10-25T22:30:00Z'))])
  assert.is(today(), 2)
  clock.pass(60_000)
  assert.is(today(), 0)
  assert.is(history.totals('door', 'entrance')?.in, 5)
})

test('a clock that is set to another year and back again loses neither totals nor those of today', async () => {
  await using folder = await temporaryFolder()
  const clock = new HandClock('2026-05-04T12:00:00Z')
  {
    await using opened = await openHistory(folder.path, { clock })
    await opened.history.commitCrossings([seen('in', clock.wallMs())])
    clock.set('2099-01-01T12:00:00Z')
    await opened.history.commitCrossings([seen('in', clock.wallMs())])
    assert.equal(opened.history.totals('door', 'entrance'), { in: 2, out: 0, inToday: 1, outToday: 0 })
    clock.set('1970-01-02T12:00:00Z')
    await opened.history.commitCrossings([seen('in', clock.wallMs())])
  }
  clock.set('2026-05-04T13:00:00Z')
  await using again = await openHistory(folder.path, { clock })
  assert.equal(again.history.totals('door', 'entrance'), { in: 3, out: 0, inToday: 1, outToday: 0 })
  const times = (await again.history.undelivered(10)).map(({ atMs }) => new Date(atMs).getUTCFullYear())
  assert.equal(times, [2026, 2099, 1970])
})

test('a reset and people that are set stand in the history with who and when; only what was named is reset', async () => {
  await using folder = await temporaryFolder()
  const clock = new HandClock('2026-05-04T12:00:00Z')
  {
    await using opened = await openHistory(folder.path, { clock })
    const { history } = opened
    await history.commitCrossings([seen('in', clock.wallMs()), seen('in', clock.wallMs(), { line: 'side' })], { shop: 2 })
    await history.resetTotals('door', 'side', 'http 10.0.0.7')
    await history.setInside('shop', 0, 'mqtt')
    assert.equal(history.totals('door', 'side'), { in: 0, out: 0, inToday: 0, outToday: 0 })
    assert.equal(history.totals('door', 'entrance'), { in: 1, out: 0, inToday: 1, outToday: 0 })
    await history.commitCrossings([seen('out', clock.wallMs(), { line: 'side' })])
  }
  {
    await using again = await openHistory(folder.path, { clock })
    assert.equal(again.history.totals('door', 'side'), { in: 0, out: 1, inToday: 0, outToday: 1 })
    assert.is(again.history.inside('shop'), 0)
    await again.history.resetTotals(null, null, 'mqtt')
    assert.is(again.history.totals('door', 'entrance')?.in, 0)
  }
  assert.equal(rowsOf(folder.file, 'SELECT kind, at_ms, stream, line, area, value, who FROM corrections'), [
    { kind: 'reset', at_ms: clock.wallMs(), stream: 'door', line: 'side', area: null, value: null, who: 'http 10.0.0.7' },
    { kind: 'inside', at_ms: clock.wallMs(), stream: null, line: null, area: 'shop', value: 0, who: 'mqtt' },
    { kind: 'reset', at_ms: clock.wallMs(), stream: null, line: null, area: null, value: null, who: 'mqtt' },
  ])
  assert.is(rowsOf(folder.file, 'SELECT * FROM crossings').length, 3)
})

test('a hundred thousand crossings: totals are their number, the outbox gives them all in order, the file stays small', async () => {
  await using folder = await temporaryFolder()
  await using opened = await openHistory(folder.path)
  const { history } = opened
  const many = Array.from({ length: 1_000 }, (_, index) => seen(index % 3 === 0 ? 'out' : 'in', Date.now(), { track: index }))
  const ids: string[] = []
  for (let call = 0; call < 100; call++) ids.push(...(await history.commitCrossings(many)).map(({ id }) => id))
  assert.is(new Set(ids).size, 100_000)
  const { in: ins = 0, out: outs = 0 } = history.totals('door', 'entrance') ?? {}
  assert.equal([ins, outs], [66_600, 33_400])
  const told: string[] = []
  for (;;) {
    const batch = await history.undelivered(5_000)
    assert.ok(batch.length <= 1_000)
    if (batch.length === 0) break
    told.push(...batch.map(({ id }) => id))
    history.delivered(batch.map(({ id }) => id))
  }
  assert.equal(told, ids)
  assert.ok((await stat(folder.file)).size < 10_000_000)
})

test('what the broker has acknowledged does not come again, in whatever order it did', async () => {
  await using folder = await temporaryFolder()
  let ids: string[] = []
  {
    await using opened = await openHistory(folder.path)
    const { history } = opened
    ids = (await history.commitCrossings(Array.from({ length: 6 }, () => seen('in')))).map(({ id }) => id)
    const left = async () => (await history.undelivered(10)).map(({ id }) => ids.indexOf(id))
    history.delivered([ids[2] ?? '', ids[0] ?? '', 'nobody-7', 'nonsense'])
    assert.equal(await left(), [1, 3, 4, 5])
    assert.equal(
      (await history.undelivered(2, ids[3])).map(({ id }) => ids.indexOf(id)),
      [4, 5],
    )
    history.delivered([ids[1] ?? ''])
    assert.equal(await left(), [3, 4, 5])
  }
  await using again = await openHistory(folder.path)
  assert.equal(
    (await again.history.undelivered(10)).map(({ id }) => id),
    ids.slice(3),
  )
})

test('what the broker has is in the file with the next crossing, so that a crash then makes little come again', async () => {
  await using folder = await temporaryFolder()
  await using crashed = await temporaryFolder()
  await using opened = await openHistory(folder.path)
  const first = await opened.history.commitCrossings(Array.from({ length: 20 }, () => seen('in')))
  opened.history.delivered(first.slice(0, 15).map(({ id }) => id))
  const [last] = await opened.history.commitCrossings([seen('out')])
  for (const end of ['', '-wal']) await copyFile(folder.file + end, crashed.file + end)
  await using again = await openHistory(crashed.path)
  assert.equal(
    (await again.history.undelivered(100)).map(({ id }) => id),
    [...first.slice(15).map(({ id }) => id), last?.id],
  )
})

test.run()
