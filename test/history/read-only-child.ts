import { openHistory, seen } from './open-history.ts'

/** Counts in a folder that it may not write into, and prints what it saw as JSON. */
const [folder = ''] = process.argv.slice(2)
await using opened = await openHistory(folder)
const { history, left } = opened
await history.commitCrossings([seen('in')])
const told = (await history.undelivered(10)).length
process.stdout.write(
  `${JSON.stringify({ code: history.fault?.code, left: left.length, told, totals: history.totals('door', 'entrance') })}\n`,
)
