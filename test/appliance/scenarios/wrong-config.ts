import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { eventually } from '../../support/eventually.ts'
import { bootCounting } from '../counting.ts'
import { configure, PEOPLE } from '../counting-config.ts'
import { type Given, type Scenario, secondsSince } from '../scenario.ts'
import { serviceRuns, serviceState } from '../service.ts'

/** Longer than systemd's pause between two starts. */
const NO_LOOP_MS = 12_000

async function breakConfig({ machine }: Given): Promise<number> {
  await using watch = await bootCounting(machine)
  const right = await readFile(machine.at('etc/headcount/config.yaml'), 'utf8')
  await configure(machine, right.replace('heartbeatSeconds: 1', 'heartbeatSeconds: 1s'))
  const [since, fromMs] = [`--since=@${(Date.now() / 1_000).toFixed(6)}`, performance.now()]
  // It is Type=notify: the start fails, and says so to who asked for it.
  assert.is.not((await machine.run(['systemctl', 'restart', 'headcount'], { limitMs: 90_000 })).code, 0)
  const failed = await eventually(
    async () => {
      const state = await serviceState(machine)
      return state.ActiveState === 'failed' ? state : null
    },
    { what: 'the service has failed', withinMs: 20_000, everyMs: 250 },
  )
  const seconds = secondsSince(fromMs)
  assert.is(failed.ExecMainStatus, 78)

  await sleep(NO_LOOP_MS)
  const later = await serviceState(machine)
  assert.equal([later.ActiveState, later.NRestarts], ['failed', failed.NRestarts])
  const lines = (await machine.journal('--identifier=headcount', '--output=cat', '--priority=err', since)).trim().split('\n')
  assert.is(lines.length, 1, lines.join('\n'))
  for (const told of ['config.yaml', 'mqtt.heartbeatSeconds', 'whole number']) assert.match(lines[0] ?? '', told)

  const sinceTs = Date.now()
  await configure(machine, right)
  await machine.must(['systemctl', 'restart', 'headcount'], { limitMs: 90_000 })
  await serviceRuns(machine, 1_000)
  await watch.untilCounted(PEOPLE, { sinceTs })
  return seconds
}

export const wrongConfigScenarios: readonly Scenario[] = [
  {
    title: 'The configuration is broken: exit code 78, one readable line in the journal, no loop; corrected, it counts',
    until: 'the service has failed',
    limitMs: 300_000,
    from: 'installed',
    run: breakConfig,
  },
]
