import { rename, rm } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { BrokerWatch } from '../broker-watch.ts'
import { bootCounting, countsAgain } from '../counting.ts'
import { CLIP, PEOPLE, watchScript } from '../counting-config.ts'
import { type Given, type Scenario, secondsSince } from '../scenario.ts'
import { serviceRuns } from '../service.ts'

/** Sources and broker are tried again after at most 60 s. */
const RETRY_LIMIT_MS = 90_000

async function reboot({ machine }: Given): Promise<number> {
  // Closed before it goes down: a subscriber without a broker would hold up the shutdown.
  await (await bootCounting(machine))[Symbol.asyncDispose]()
  const [sinceTs, fromMs] = [Date.now(), performance.now()]
  await machine.reboot()
  await countsAgain(machine, sinceTs)
  return secondsSince(fromMs)
}

async function bootWithoutBroker({ machine }: Given): Promise<number> {
  await watchScript(machine)
  await rm(machine.at('etc/systemd/system/multi-user.target.wants/mosquitto.service'))
  await machine.boot()
  await serviceRuns(machine, RETRY_LIMIT_MS)
  assert.match(await machine.journal('--identifier=headcount'), 'BROKER_UNREACHABLE')
  const [sinceTs, fromMs] = [Date.now(), performance.now()]
  await machine.must(['systemctl', 'start', 'mosquitto'])
  await countsAgain(machine, sinceTs, RETRY_LIMIT_MS)
  return secondsSince(fromMs)
}

async function bootWithoutCamera({ machine }: Given): Promise<number> {
  await watchScript(machine)
  await rename(machine.at(CLIP), machine.at(`${CLIP}.away`))
  await machine.boot()
  const { StatusText } = await serviceRuns(machine, RETRY_LIMIT_MS)
  assert.match(StatusText, /offline/)
  await using watch = await BrokerWatch.open(machine)
  await watch.until('door/status', (payload) => payload === 'offline')
  await watch.until('door/count', (payload) => payload === 'unknown')
  const [sinceTs, fromMs] = [Date.now(), performance.now()]
  await rename(machine.at(`${CLIP}.away`), machine.at(CLIP))
  await watch.untilCounted(PEOPLE, { sinceTs, withinMs: RETRY_LIMIT_MS })
  return secondsSince(fromMs)
}

export const bootScenarios: readonly Scenario[] = [
  { title: 'Reboot of the machine: back by itself', until: 'it counts again', limitMs: 240_000, from: 'installed', run: reboot },
  {
    title: 'The broker is down at boot: it runs and says so, and counts on MQTT when the broker comes',
    until: 'the count, from the start of the broker',
    limitMs: 300_000,
    from: 'installed',
    run: bootWithoutBroker,
  },
  {
    title: 'The camera is missing at boot: it runs, the stream is offline, the count unknown; it counts when the camera comes',
    until: 'the count, from the return of the camera',
    limitMs: 300_000,
    from: 'installed',
    run: bootWithoutCamera,
  },
]
