import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openHistory, temporaryFolder } from './open-history.ts'

const KILLS = 12

const test = suite('history of a process that is killed')

/** Runs until so many lines were read, kills it at once, and returns the ids that it had promised. */
async function promisedUntilKilled(folder: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./kill-child.js', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const promised: string[] = []
  let read = 0
  for await (const line of createInterface(child.stdout)) {
    // A line that was cut off by the kill was not promised to anybody.
    const ids = line.split(' ')
    if (ids.length === 2 && ids.every((id) => /^[0-9a-f]{12}-\d+$/.test(id))) promised.push(...ids)
    if (++read === lines) child.kill('SIGKILL')
  }
  await ended
  return promised
}

test('every crossing that was promised is there, in order, none twice, and both of one call or none', async () => {
  await using folder = await temporaryFolder()
  const promised: string[] = []
  for (let kill = 0; kill < KILLS; kill++) promised.push(...(await promisedUntilKilled(folder.path, 1 + ((kill * 7) % 40))))
  assert.ok(promised.length > KILLS)
  await using opened = await openHistory(folder.path)
  const kept: string[] = []
  for (let after: string | null = null; ; after = kept.at(-1) ?? null) {
    const batch = await opened.history.undelivered(1_000, after)
    if (batch.length === 0) break
    kept.push(...batch.map(({ id }) => id))
  }
  assert.is(new Set(kept).size, kept.length)
  const wanted = new Set(promised)
  assert.equal(
    kept.filter((id) => wanted.has(id)),
    promised,
  )
  assert.is(opened.history.totals('door', 'entrance')?.in, kept.length)
  assert.is(kept.length % 2, 0)
  // What was stored and not promised any more: at most the call under way, once a kill.
  assert.ok(kept.length - promised.length <= 2 * 3 * KILLS, `${kept.length} kept, ${promised.length} promised`)
})

test.run()
