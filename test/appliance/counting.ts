import { BrokerWatch } from './broker-watch.ts'
import { PEOPLE, watchScript } from './counting-config.ts'
import type { Machine } from './machine.ts'

const COUNTING_LIMIT_MS = 90_000

/** Boots the machine with a stream on a scripted NPU and waits until the broker in it hears that everybody is counted. */
export async function bootCounting(machine: Machine, options: { readonly passing?: boolean } = {}): Promise<BrokerWatch> {
  await watchScript(machine, options)
  await machine.boot()
  const watch = await BrokerWatch.open(machine)
  await watch.untilCounted(PEOPLE, { withinMs: COUNTING_LIMIT_MS })
  return watch
}

/** Waits until the count of a moment after `sinceTs` (wall time) is right; for a broker that was away, or a machine that was. */
export async function countsAgain(machine: Machine, sinceTs: number, withinMs = COUNTING_LIMIT_MS): Promise<void> {
  await using watch = await BrokerWatch.open(machine)
  await watch.untilCounted(PEOPLE, { sinceTs, withinMs })
}
