import { crossingsChaos } from './crossings-chaos.ts'
import { atLeast, atMost, type BenchRow } from './row.ts'

const ORDER = { crossings: 10_000, perSecond: 150, kills: 50, restarts: 20, seed: 2_026 }

/** Ten thousand crossings while the counting process is killed fifty times and the broker restarted twenty times: what is lost or doubled. */
export async function benchCrossings(): Promise<BenchRow[]> {
  const { committed, kills, restarts, repeats, seconds, ...wrong } = await crossingsChaos(ORDER)
  return [
    atLeast('crossings.committed', committed, 'crossings', ORDER.crossings),
    atLeast('crossings.kills', kills, 'kills', ORDER.kills),
    atLeast('crossings.broker_restarts', restarts, 'restarts', ORDER.restarts),
    atMost('crossings.lost', wrong.lost, 'crossings', 0),
    atMost('crossings.doubled', wrong.doubled, 'crossings', 0),
    atMost('crossings.missing', wrong.missing, 'crossings', 0),
    atMost('crossings.wrong', wrong.wrong, 'messages', 0),
    atMost('crossings.out_of_order', wrong.outOfOrder, 'crossings', 0),
    atMost('crossings.totals_wrong', wrong.totalsWrong, 'totals', 0),
    { metric: 'crossings.repeats', value: repeats, unit: 'messages' },
    { metric: 'crossings.seconds', value: seconds, unit: 's' },
  ]
}
