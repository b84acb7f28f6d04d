import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { BrokerWatch } from '../broker-watch.ts'
import { CLONE } from '../checkout.ts'
import { bootCounting } from '../counting.ts'
import type { Machine } from '../machine.ts'
import { type Given, type Scenario, secondsSince } from '../scenario.ts'

/** The clone and its cache are the person's; what the test itself put there bears the test's name. */
const NOT_OURS = [`${CLONE}/*`, '/root/.cache/*', '/home/*', '/proc/*', '/sys/*', '*headcount-test*']

/** What bears headcount's name in the machine, beyond the clone and what is a person's. */
export async function remains(machine: Machine): Promise<string[]> {
  const excluded = NOT_OURS.flatMap((path) => ['-not', '-path', path])
  const found = await machine.must(['find', '/', '-iname', '*headcount*', ...excluded])
  const { stdout: units } = await machine.run(['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'headcount*'])
  const { stdout: processes } = await machine.run(['pgrep', '--list-full', '--full', '^headcount: '])
  const users = (await Promise.all(['etc/passwd', 'etc/group', 'etc/shadow'].map((path) => readFile(machine.at(path), 'utf8')))).join('')
  return [found, units, processes, ...users.split('\n').filter((line) => line.includes('headcount'))]
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.trim() !== '')
}

async function uninstall({ machine, tell }: Given): Promise<number> {
  {
    await using watch = await bootCounting(machine)
    assert.ok(watch.heard.some(({ topic }) => topic.startsWith('homeassistant/device/headcount_')))
  }
  const fromMs = performance.now()
  const remove = (option: string) =>
    machine.must(['sh', '-c', `cd ${CLONE} && ./install.sh --uninstall ${option}`], { limitMs: 120_000, onOutput: tell })
  await remove('')
  const seconds = secondsSince(fromMs)
  for (const path of ['etc/headcount/config.yaml', 'var/lib/headcount/token'])
    assert.ok(existsSync(machine.at(path)), `${path} stays without --purge`)
  assert.not(existsSync(machine.at('opt/headcount')))
  assert.equal(await retained(machine), [])

  await remove('--purge')
  assert.equal(await remains(machine), [])
  return seconds
}

/** Topics that the broker still tells a newcomer. */
async function retained(machine: Machine): Promise<string[]> {
  await using watch = await BrokerWatch.open(machine)
  await machine.must(['mosquitto_pub', '-h', '127.0.0.1', '-t', 'headcount/end', '-m', 'x'])
  await sleep(1_000)
  return watch.heard.filter((message) => message.retained).map(({ topic }) => topic)
}

export const uninstallScenarios: readonly Scenario[] = [
  {
    title: 'Uninstallation: nothing retained at the broker, and with `--purge` no file, user or unit is left',
    until: 'install.sh --uninstall was done',
    limitMs: 300_000,
    from: 'installed',
    run: uninstall,
  },
]
