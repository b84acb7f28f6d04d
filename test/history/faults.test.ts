import { execFileSync, spawnSync } from 'node:child_process'
import { constants, writeFileSync } from 'node:fs'
import { copyFile, open, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SqliteDatabase from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Keeper } from '../../agent/history/keeper.ts'
import { eventually } from '../support/eventually.ts'
import { canMount, MOUNTS } from '../support/namespaces.ts'
import { HandClock, openHistory, rowsOf, seen, temporaryFolder } from './open-history.ts'

const test = suite('history with a file that fails')

const asides = async (folder: string) => (await readdir(folder)).filter((name) => /\.broken-\d{8}T\d{6}(-\d+)?$/.test(name))

/** A file with some crossings, the last two of them undelivered. */
async function written(folder: string, crossings = 500): Promise<void> {
  await using opened = await openHistory(folder)
  const ids = (
    await opened.history.commitCrossings(
      Array.from({ length: crossings }, () => seen('in')),
      { shop: 3 },
    )
  ).map(({ id }) => id)
  opened.history.delivered(ids.slice(0, -2))
}

test('a disk that is full: crossings count and are told, and are stored in order when there is room', async () => {
  if (!canMount()) return
  await using folder = await temporaryFolder()
  const child = fileURLToPath(new URL('./faults-child.js', import.meta.url))
  const script = `mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" "$3" "$1"`
  const run = spawnSync('unshare', [MOUNTS, 'sh', '-c', script, 'sh', folder.path, process.execPath, child], {
    encoding: 'utf8',
    timeout: 110_000,
  })
  assert.is(run.status, 0, run.stderr)
  const { code, whileFull, after, ids, order, faults } = JSON.parse(run.stdout) as Record<string, unknown> & {
    whileFull: { in: number }
    after: { in: number }
    ids: number
  }
  assert.is(code, 'HISTORY_UNWRITABLE')
  assert.is(whileFull.in, ids - 1)
  assert.is(after.in, ids)
  assert.ok(order, 'every crossing was told once, in order')
  assert.is(faults, 2)
})

test('bytes that are no database: the file is set aside whole, and a new one begun', async () => {
  await using folder = await temporaryFolder()
  const garbage = Buffer.alloc(50_000, 'rubbish ')
  await writeFile(folder.file, garbage)
  await using opened = await openHistory(folder.path)
  assert.is(opened.history.fault, null)
  const [aside = '', ...more] = await asides(folder.path)
  assert.equal(more, [])
  assert.ok(garbage.equals(await readFile(join(folder.path, aside))))
  assert.is(opened.left[0]?.code, 'HISTORY_CORRUPT')
  assert.ok(opened.left[0]?.message.includes(aside))
  await opened.history.commitCrossings([seen('in')])
  assert.is(opened.history.totals('door', 'entrance')?.in, 1)
})

test('a file with a damaged page: totals and what the broker does not have go into the new one', async () => {
  await using folder = await temporaryFolder()
  await written(folder.path)
  const bytes = await readFile(folder.file)
  // A page in the middle of the crossings: the newest and the totals can still be read.
  const page = pageOf(folder.file, 'crossings')
  bytes.fill(0xff, page * 4096, (page + 1) * 4096)
  await writeFile(folder.file, bytes)
  await using opened = await openHistory(folder.path)
  assert.is((await asides(folder.path)).length, 1)
  assert.equal(opened.history.totals('door', 'entrance')?.in, 500)
  assert.is(opened.history.inside('shop'), 3)
  const ids = (await opened.history.undelivered(10)).map(({ id }) => id.split('-')[1])
  assert.equal(ids, ['499', '500'])
})

test('a file that is cut in half: counting goes on in a new one', async () => {
  await using folder = await temporaryFolder()
  await written(folder.path)
  await truncate(folder.file, Math.floor((await stat(folder.file)).size / 2) + 100)
  await using opened = await openHistory(folder.path)
  await opened.history.commitCrossings([seen('in')])
  assert.is(opened.history.fault, null)
  assert.is((await asides(folder.path)).length, 1)
})

test('a file that is damaged while it is in use: totals in memory go into the new one', async () => {
  await using folder = await temporaryFolder()
  await written(folder.path, 60_000)
  await using opened = await openHistory(folder.path)
  const bytes = await readFile(folder.file)
  const size = bytes.length
  // Everything but the first page, which is in memory.
  await writeFile(folder.file, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(size - 4096, 0xa5)]))
  for (let count = 0; count < 50; count++) await opened.history.commitCrossings([seen('in', Date.now(), { line: `line${count % 3}` })])
  await opened.history.undelivered(1_000)
  await opened.history.prune()
  for await (const _ of opened.history.query({ stream: 'door', fromMs: 0, toMs: Date.now() + 60_000, bucket: 'day' }));
  assert.is(opened.history.totals('door', 'entrance')?.in, 60_000)
  assert.is(opened.left.length, 1)
  assert.is(opened.history.fault, null)
})

test('a file that is removed in use: the next one has the totals and what the broker does not have', async () => {
  await using folder = await temporaryFolder()
  // The same day all the time.
  const clock = new HandClock('2026-05-04T12:00:00Z')
  {
    await using opened = await openHistory(folder.path, { clock })
    const { history } = opened
    const first = await history.commitCrossings([seen('in', clock.wallMs()), seen('in', clock.wallMs())], { shop: 2 })
    history.delivered([first[0]?.id ?? ''])
    await rm(folder.path, { recursive: true })
    const [third] = await history.commitCrossings([seen('out', clock.wallMs())], { shop: 1 })
    assert.equal(
      (await history.undelivered(10)).map(({ id }) => id),
      [first[1]?.id, third?.id],
    )
    assert.is(opened.left[0]?.code, 'HISTORY_CORRUPT')
    assert.is(history.fault, null)
  }
  await using again = await openHistory(folder.path, { clock })
  assert.equal(again.history.totals('door', 'entrance'), { in: 2, out: 1, inToday: 2, outToday: 1 })
  assert.is(again.history.inside('shop'), 1)
})

test('a journal that is removed in use takes nothing with it', async () => {
  await using folder = await temporaryFolder()
  {
    await using opened = await openHistory(folder.path)
    await opened.history.commitCrossings([seen('in')])
    await rm(`${folder.file}-wal`)
    await opened.history.commitCrossings([seen('in')])
    assert.equal(opened.left, [])
  }
  assert.is(rowsOf(folder.file, 'SELECT * FROM crossings').length, 2)
})

test('another file in the place of ours is set aside, not written into', async () => {
  await using folder = await temporaryFolder()
  await written(folder.path, 10)
  await copyFile(folder.file, join(folder.path, 'copy'))
  await using opened = await openHistory(folder.path)
  await rename(join(folder.path, 'copy'), folder.file)
  await opened.history.commitCrossings([seen('in')])
  assert.is((await asides(folder.path)).length, 1)
  assert.is(opened.history.totals('door', 'entrance')?.in, 11)
})

test('two processes: the second counts in memory and says so, and stores all when the first is gone', async () => {
  await using folder = await temporaryFolder()
  const first = await openHistory(folder.path)
  await first.history.commitCrossings([seen('in'), seen('in')])
  await using second = await openHistory(folder.path)
  assert.is(second.faults[0]?.code, 'HISTORY_UNWRITABLE')
  assert.match(second.faults[0]?.remedy ?? '', /other headcount/)
  assert.is(second.history.totals('door', 'entrance'), null)
  assert.is(second.history.inside('shop'), null)
  const [crossing] = await second.history.commitCrossings([seen('in')])
  assert.equal(await second.history.undelivered(10), [crossing])
  await first[Symbol.asyncDispose]()
  await eventually(() => second.history.fault === null || null, { what: 'the second has the file', withinMs: 60_000 })
  assert.is(second.history.totals('door', 'entrance')?.in, 3)
  assert.equal(second.faults.at(-1), null)
  assert.is((await second.history.undelivered(10)).length, 3)
})

test('a folder that cannot be made, or a file in its place: counting goes on in memory', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'state'), 'a file')
  await using opened = await openHistory(join(folder.path, 'state'))
  assert.is(opened.history.fault?.code, 'HISTORY_UNWRITABLE')
  const [crossing] = await opened.history.commitCrossings([seen('in')])
  assert.ok(crossing)
  await rm(join(folder.path, 'state'))
  await eventually(() => opened.history.fault === null || null, { what: 'the history works', withinMs: 60_000 })
  assert.is(opened.history.totals('door', 'entrance')?.in, 1)
})

test('a disk that does not answer holds up neither the start nor the counts', async () => {
  await using folder = await temporaryFolder()
  // Opening it to write waits for a reader: the nearest thing to a card that hangs.
  execFileSync('mkfifo', [folder.file])
  await using opened = await openHistory(folder.path)
  assert.match(opened.history.fault?.message ?? '', /has not answered/)
  const [crossing] = await opened.history.commitCrossings([seen('in')])
  assert.equal(await opened.history.undelivered(10), [crossing])
  const reader = await open(folder.file, constants.O_RDONLY | constants.O_NONBLOCK)
  await rm(folder.file)
  await reader.close()
  await eventually(() => opened.history.fault === null || null, { what: 'the history works', withinMs: 60_000 })
  assert.is(opened.history.totals('door', 'entrance')?.in, 1)
  assert.equal(await opened.history.undelivered(10), [crossing])
})

test('a file system that is read-only: counting goes on, and the file is left as it is', async () => {
  if (!canMount()) return
  await using folder = await temporaryFolder()
  await written(folder.path, 5)
  const child = fileURLToPath(new URL('./read-only-child.js', import.meta.url))
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" "$3" "$1"'
  const run = spawnSync('unshare', [MOUNTS, 'sh', '-c', script, 'sh', folder.path, process.execPath, child], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.is(run.status, 0, run.stderr)
  assert.equal(JSON.parse(run.stdout), { code: 'HISTORY_UNWRITABLE', left: 0, told: 1, totals: null })
  assert.is(rowsOf(folder.file, 'SELECT * FROM crossings').length, 5)
})

test('a disk that breaks every file is not filled with broken ones', async () => {
  await using folder = await temporaryFolder()
  const keeper = new Keeper({ folder: folder.path, run: 'run', tell: () => undefined, found: () => undefined })
  const rounds = Array.from({ length: 14 }, () => {
    const { fault } = keeper.with(() => null)
    keeper.close()
    writeFileSync(folder.file, Buffer.alloc(8192, 'rubbish '))
    return fault?.code ?? 'works'
  })
  assert.equal(rounds, [...Array.from({ length: 11 }, () => 'works'), ...Array.from({ length: 3 }, () => 'HISTORY_UNWRITABLE')])
  assert.is((await asides(folder.path)).length, 10)
})

test('a file of a newer headcount is set aside, and so is one of another program', async () => {
  for (const [text, why] of [
    ['PRAGMA user_version = 999', /newer headcount \(version 999/],
    ['CREATE TABLE theirs (a)', /another program/],
  ] as const) {
    await using folder = await temporaryFolder()
    const database = new SqliteDatabase(folder.file)
    database.exec(`CREATE TABLE some (a); ${text}`)
    database.close()
    await using opened = await openHistory(folder.path)
    assert.match(opened.left[0]?.message ?? '', why)
    assert.is((await asides(folder.path)).length, 1)
    await opened.history.commitCrossings([seen('in')])
    assert.is(opened.history.fault, null)
  }
})

/** A leaf page of a table, counted from 0. */
function pageOf(file: string, table: string): number {
  const [page] = rowsOf<{ pageno: number }>(file, `SELECT pageno FROM dbstat WHERE name = '${table}' AND pagetype = 'leaf' LIMIT 1`)
  return (page?.pageno ?? 1) - 1
}

test.run()
