import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installRoot } from '../../agent/install-root.ts'
import { RELEASES, type Suite } from './base-root.ts'
import { inOwnMounts } from './own-mounts.ts'
import { readResults, resultTable } from './results.ts'
import { removeOldRuns } from './run-folder.ts'
import { runSuite } from './run-suite.ts'
import { bootScenarios } from './scenarios/boots.ts'
import { installScenarios } from './scenarios/install.ts'
import { killScenarios } from './scenarios/kills.ts'
import { offlineScenarios } from './scenarios/offline.ts'
import { uninstallScenarios } from './scenarios/uninstall.ts'
import { upgradeScenarios } from './scenarios/upgrades.ts'
import { wrongConfigScenarios } from './scenarios/wrong-config.ts'

// `npm run test:appliance [-- SUITE ...] [--only WORD] [--source FOLDER]`: headcount as a service of Debian machines with a booted systemd.

const SCENARIOS = [
  ...installScenarios,
  ...bootScenarios,
  ...killScenarios,
  ...wrongConfigScenarios,
  ...upgradeScenarios,
  ...uninstallScenarios,
  ...offlineScenarios,
]
const PROGRAMS = ['debootstrap', 'gst-launch-1.0', 'nsenter', 'setpriv', 'systemd-nspawn', 'tar', 'unshare']

const tell = (text: string) => void process.stdout.write(text)

/** What is missing, with the remedy; null when everything is there. */
function unable(): string | null {
  if (process.getuid?.() !== 0) return 'Machines can only be made by root: sudo npm run test:appliance'
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0)
  const remedy = 'apt-get install debootstrap systemd-container gstreamer1.0-tools util-linux'
  return missing.length > 0 ? `Programs are missing: ${missing.join(', ')}. Run: ${remedy}` : null
}

async function runAll(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' }, source: { type: 'string' } } })
  const known = Object.keys(RELEASES) as Suite[]
  const suites = positionals.length === 0 ? known : known.filter((suite) => positionals.includes(suite))
  const scenarios = SCENARIOS.filter(({ title }) => title.toLowerCase().includes((values.only ?? '').toLowerCase()))
  if (suites.length < positionals.length || scenarios.length === 0) {
    tell(`Usage: npm run test:appliance [-- ${known.join(' ')}] [--only WORD] [--source FOLDER]\n`)
    return 2
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal))
  await removeOldRuns()
  const source = values.source ?? fileURLToPath(installRoot)
  let failed = 0
  for (const suite of suites) failed += await runSuite({ suite, scenarios, source, signal: stop.signal, tell })
  const results = Object.fromEntries(await Promise.all(known.map(async (suite) => [suite, await readResults(suite)] as const)))
  tell(`\n${resultTable(SCENARIOS, results)}\n\n${failed === 0 ? 'All as they should be.' : `${failed} failed.`}\n`)
  return failed === 0 ? 0 : 1
}

const reason = unable()
if (reason !== null) {
  tell(`${reason}\n`)
  process.exitCode = 2
} else process.exitCode = await inOwnMounts(runAll)
