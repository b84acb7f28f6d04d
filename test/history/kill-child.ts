import { History } from '../../agent/history/history.ts'

/** Commits a crossing after the other for ever and prints each id once it is promised, so that a test can hold us to it. */
const [folder = ''] = process.argv.slice(2)
const history = await History.open({ folder, keepDays: 90, timeZone: 'UTC' })
for (let track = 0; ; track++) {
  const two = [0, 1].map((index) => ({
    stream: 'door',
    line: 'entrance',
    direction: 'in' as const,
    track: 2 * track + index,
    atMs: Date.now(),
  }))
  const ids = (await history.commitCrossings(two)).map(({ id }) => id)
  if (history.fault) process.stderr.write(`${history.fault.message}\n`)
  process.stdout.write(`${ids.join(' ')}\n`)
}
