import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { openHistory, seen } from './open-history.ts'

/** Fills the small file system it is given, counts on, makes room again, and prints what it saw as JSON. */
const [folder = ''] = process.argv.slice(2)
const ballast = join(folder, 'ballast')
await using opened = await openHistory(folder)
const { history, faults } = opened
const ids = (await history.commitCrossings([seen('in')])).map(({ id }) => id)
for (let bytes = 1 << 20; bytes >= 1024; bytes >>= 1) {
  for (let count = 0; ; count++) {
    try {
      writeFileSync(`${ballast}-${bytes}-${count}`, Buffer.alloc(bytes))
    } catch (_) {
      // No more of this size.
      break
    }
  }
}
while (history.fault === null)
  ids.push(...(await history.commitCrossings(Array.from({ length: 100 }, () => seen('in')))).map(({ id }) => id))
ids.push(...(await history.commitCrossings([seen('in', Date.now(), { track: 99 })])).map(({ id }) => id))
const whileFull = history.totals('door', 'entrance')
const code = history.fault.code
const told: string[] = []
const tell = async () => {
  const batch = await history.undelivered(1_000)
  told.push(...batch.map(({ id }) => id))
  history.delivered(batch.map(({ id }) => id))
  return batch.length
}
while ((await tell()) > 0);
for (const name of readdirSync(folder)) if (name.startsWith('ballast')) rmSync(join(folder, name))
await eventually(() => history.fault === null || null, { what: 'the history works again', withinMs: 60_000 })
ids.push(...(await history.commitCrossings([seen('in')])).map(({ id }) => id))
while ((await tell()) > 0);
const after = history.totals('door', 'entrance')
process.stdout.write(
  `${JSON.stringify({ code, whileFull, after, ids: ids.length, order: told.join() === ids.join(), faults: faults.length })}\n`,
)
