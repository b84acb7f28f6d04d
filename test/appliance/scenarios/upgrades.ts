import { readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import * as assert from 'uvu/assert'
import type { BrokerWatch } from '../broker-watch.ts'
import { CLONE, setVersion, versionOf } from '../checkout.ts'
import { bootCounting } from '../counting.ts'
import { PEOPLE } from '../counting-config.ts'
import type { Ran } from '../host-command.ts'
import type { Machine } from '../machine.ts'
import { type Given, type Scenario, secondsSince } from '../scenario.ts'
import { serviceRuns } from '../service.ts'
import { WayOut } from '../way-out.ts'

const UPGRADE_LIMIT_MS = 900_000

/** What an upgrade must leave as it was. */
async function kept(machine: Machine): Promise<unknown> {
  const texts = await Promise.all(
    ['etc/headcount/config.yaml', 'var/lib/headcount/token'].map((path) => readFile(machine.at(path), 'utf8')),
  )
  // The same file, not one made anew.
  return [...texts, (await stat(machine.at('var/lib/headcount/history/history.sqlite'))).ino]
}

async function installedVersion(machine: Machine): Promise<string> {
  return basename(await readlink(machine.at('opt/headcount/current')))
}

/** The total of the line so far, once it is at least `least`. */
async function total(watch: BrokerWatch, least: number, fromMs = 0): Promise<number> {
  return Number((await watch.until('door/line/entrance/in', (payload) => Number(payload) >= least, { fromMs })).payload)
}

async function upgradeTo(version: string, { machine, tell }: Given): Promise<Ran> {
  await setVersion(machine, version)
  await using wayOut = await WayOut.open(machine)
  const command = ['sh', '-c', `cd ${CLONE} && ./install.sh --upgrade`]
  return await machine.run(command, { env: wayOut.env, limitMs: UPGRADE_LIMIT_MS, onOutput: tell })
}

async function upgrade(given: Given): Promise<number> {
  const { machine } = given
  await using watch = await bootCounting(machine, { passing: true })
  const passed = await total(watch, 2)
  const before = await kept(machine)
  const fromMs = performance.now()
  const { code, output } = await upgradeTo('99.0.0', given)
  const seconds = secondsSince(fromMs)
  assert.is(code, 0, output.slice(-2_000))
  assert.is(await installedVersion(machine), '99.0.0')
  await serviceRuns(machine, 1_000)
  const [sinceTs, sinceMs] = [Date.now(), performance.now()]
  await watch.untilCounted(PEOPLE, { sinceTs })
  // The first that is told from now on: one that began anew would be below.
  assert.ok((await total(watch, 0, sinceMs)) >= passed)
  assert.equal(await kept(machine), before)
  assert.match(await machine.must(['headcount', '--version']), '99.0.0')
  return seconds
}

async function failUpgrade(given: Given): Promise<number> {
  const { machine } = given
  await using watch = await bootCounting(machine, { passing: true })
  const before = await kept(machine)
  const old = await versionOf(machine)
  // A version that compiles and ends as soon as it is started as the service.
  const agent = machine.at(`${CLONE}/agent/agent.ts`)
  await writeFile(agent, `${await readFile(agent, 'utf8')}\nif (process.argv.includes('run')) process.exit(1)\n`)
  const fromMs = performance.now()
  const { code, output } = await upgradeTo('99.0.1', given)
  const seconds = secondsSince(fromMs)
  assert.is.not(code, 0, 'an upgrade that failed says so')
  assert.match(output, old)
  assert.is(await installedVersion(machine), old)
  await serviceRuns(machine, 5_000)
  await watch.untilCounted(PEOPLE, { sinceTs: Date.now() })
  assert.equal(await kept(machine), before)
  return seconds
}

export const upgradeScenarios: readonly Scenario[] = [
  {
    title: 'Upgrade: the new version counts; configuration, token and history stay',
    until: 'install.sh --upgrade was done',
    limitMs: UPGRADE_LIMIT_MS + 240_000,
    from: 'installed',
    run: upgrade,
  },
  {
    title: 'Upgrade to a version that ends at its start: the old one is back and counts',
    until: 'install.sh --upgrade had given up and gone back',
    limitMs: UPGRADE_LIMIT_MS + 240_000,
    from: 'installed',
    run: failUpgrade,
  },
]
