import * as assert from 'uvu/assert'
import { bootCounting } from '../counting.ts'
import { PEOPLE } from '../counting-config.ts'
import { type Given, type Scenario, secondsSince } from '../scenario.ts'
import { pidsOf, serviceRuns, serviceState } from '../service.ts'

/** The unit's WatchdogSec is 30. */
const WATCHDOG_LIMIT_MS = 75_000

async function signalAgent({ machine }: Given, signal: string, withinMs: number): Promise<number> {
  await using watch = await bootCounting(machine)
  const before = await serviceState(machine)
  const [sinceTs, fromMs] = [Date.now(), performance.now()]
  await machine.must(['kill', `-${signal}`, String(before.MainPID)])
  const after = await serviceRuns(machine, withinMs, before.MainPID)
  assert.is(after.NRestarts, before.NRestarts + 1)
  await watch.untilCounted(PEOPLE, { sinceTs: sinceTs + 1, withinMs })
  const seconds = secondsSince(fromMs)
  // What was there of the old one is gone: children, and its word on the broker.
  assert.is((await pidsOf(machine, 'engine')).length, 1)
  assert.is((await pidsOf(machine, 'capture')).length, 1)
  await watch.until('status', (payload) => payload === 'online', { fromMs })
  return seconds
}

/** The agent's own business: systemd has nothing to do. */
async function stopEngine({ machine }: Given): Promise<number> {
  await using watch = await bootCounting(machine)
  const before = await serviceState(machine)
  const [engine = ''] = await pidsOf(machine, 'engine')
  const fromMs = performance.now()
  await machine.must(['kill', '-STOP', engine])
  const { atMs } = await watch.until('door/count', (payload) => payload === 'unknown', { fromMs, withinMs: 20_000 })
  await watch.until('door/count', (payload) => payload === String(PEOPLE), { fromMs: atMs, withinMs: 60_000 })
  const seconds = secondsSince(fromMs)
  assert.not((await pidsOf(machine, 'engine')).includes(engine))
  const after = await serviceState(machine)
  assert.equal([after.MainPID, after.NRestarts], [before.MainPID, before.NRestarts])
  return seconds
}

export const killScenarios: readonly Scenario[] = [
  {
    title: '`kill -9` of the agent',
    until: 'it counts again',
    limitMs: 240_000,
    from: 'installed',
    run: (given) => signalAgent(given, 'KILL', 60_000),
  },
  {
    title: 'SIGSTOP of the agent: the watchdog ends it, it comes back',
    until: 'it counts again',
    limitMs: 300_000,
    from: 'installed',
    run: (given) => signalAgent(given, 'STOP', WATCHDOG_LIMIT_MS),
  },
  {
    title: 'SIGSTOP of the engine: the count is unknown, the agent brings another engine',
    until: 'it counts again',
    limitMs: 240_000,
    from: 'installed',
    run: stopEngine,
  },
]
