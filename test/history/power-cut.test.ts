import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { appendFile, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { randomFrom } from '../tracking/random.ts'
import { openHistory, temporaryFolder } from './open-history.ts'

const CUTS = 12
const SEED = 11
const FRAME_BYTES = 4_096 + 24

const test = suite('history after a power cut')

/** Everything that a process which writes has promised, by the time it is asked. */
function writer(folder: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./kill-child.js', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const promised: string[] = []
  createInterface(child.stdout).on('line', (line) => promised.push(...line.split(' ')))
  return {
    child,
    promised,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

function standsStill(pid: number): boolean {
  const tasks = readdirSync(`/proc/${pid}/task`)
  return tasks.every((task) => /^\d+ \(.*\) T/s.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')))
}

/** The ids in a folder's history, oldest first, and its total. */
async function kept(folder: string): Promise<{ ids: string[]; total: number | undefined; faults: readonly unknown[] }> {
  await using opened = await openHistory(folder)
  const ids: string[] = []
  for (let after: string | null = null; ; after = ids.at(-1) ?? null) {
    const batch = await opened.history.undelivered(1_000, after)
    if (batch.length === 0) break
    ids.push(...batch.map(({ id }) => id))
  }
  return { ids, total: opened.history.totals('door', 'entrance')?.in, faults: [...opened.faults, ...opened.left] }
}

test('what the disk held at any moment has every crossing that was promised before, whole calls, and nothing twice', async () => {
  const random = randomFrom(SEED)
  await using folder = await temporaryFolder()
  await using writing = writer(folder.path)
  let before = 0
  for (let cut = 0; cut < CUTS; cut++) {
    const more = before + 2 + Math.floor(random() * 300)
    while (writing.promised.length < more) await sleep(1)
    await sleep(random() * 20)
    const promised = [...writing.promised]
    before = promised.length
    await using disk = await temporaryFolder()
    // A process that stands still leaves its files as a cut would find them, in the middle of whatever it was doing (but for what
    // the kernel had not written yet: that nobody can see from here).
    writing.child.kill('SIGSTOP')
    try {
      await eventually(() => standsStill(writing.child.pid ?? 0), { what: 'the writer stands still', everyMs: 1 })
      for (const end of ['', '-wal']) if (existsSync(folder.file + end)) await copyFile(folder.file + end, disk.file + end)
    } finally {
      writing.child.kill('SIGCONT')
    }
    // A page that was being written at that moment is half there.
    if (cut % 2 === 0) await appendFile(`${disk.file}-wal`, Buffer.alloc(Math.floor(random() * FRAME_BYTES), 0xa5))
    const { ids, total, faults } = await kept(disk.path)
    assert.equal(ids.slice(0, promised.length), promised, `cut ${cut}`)
    assert.is(new Set(ids).size, ids.length)
    assert.is(ids.length % 2, 0)
    assert.is(total, ids.length)
    assert.equal(faults, [])
  }
})

test('a journal whose end is nonsense takes nothing with it that was promised before', async () => {
  const random = randomFrom(SEED)
  await using folder = await temporaryFolder()
  let promised: string[] = []
  {
    await using writing = writer(folder.path)
    while (writing.promised.length < 100) await sleep(1)
    promised = [...writing.promised]
  }
  await using disk = await temporaryFolder()
  for (const end of ['', '-wal']) await copyFile(join(folder.path, `history.sqlite${end}`), disk.file + end)
  await appendFile(`${disk.file}-wal`, Buffer.from(Array.from({ length: 10 * FRAME_BYTES }, () => Math.floor(random() * 256))))
  const { ids, total, faults } = await kept(disk.path)
  assert.equal(ids.slice(0, promised.length), promised)
  assert.is(total, ids.length)
  assert.equal(faults, [])
})

test.run()
