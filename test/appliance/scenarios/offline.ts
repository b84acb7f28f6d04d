import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { cacheFolder, type Suite } from '../base-root.ts'
import { CLONE, copyCheckout } from '../checkout.ts'
import { type CommandOptions, mustRun, type Ran } from '../host-command.ts'
import type { Machine } from '../machine.ts'
import { type Given, type Scenario, secondsSince } from '../scenario.ts'
import { serviceRuns } from '../service.ts'
import { WayOut } from '../way-out.ts'
import { remains } from './uninstall.ts'

const FILL_LIMIT_MS = 2_400_000
const INSTALL_LIMIT_MS = 2_700_000

/** Somebody to whom the clone belongs, and who may use sudo. */
const PERSON = 'person'

/** Where the filled folder lies in both machines. */
const FOLDER = '/srv/headcount-test/offline'

/** Where it lies between them, as on a stick. */
const stick = (suite: Suite) => join(cacheFolder(), `${suite}-offline`)

/** Runs a command of the clone as the person to whom it belongs. */
function asPerson(machine: Machine, command: string, options: CommandOptions = {}): Promise<Ran> {
  const settings = ['env', `HOME=/home/${PERSON}`, `USER=${PERSON}`]
  return machine.run(['runuser', '-u', PERSON, '--', ...settings, 'sh', '-c', `cd ${CLONE} && ${command}`], options)
}

async function moveIn({ machine, source }: Given): Promise<void> {
  await copyCheckout(source, machine)
  await machine.boot()
  await machine.must(['useradd', '--create-home', PERSON])
  await machine.must(['chown', '-R', PERSON, CLONE])
  await machine.write(`etc/sudoers.d/${PERSON}`, `${PERSON} ALL=(ALL) NOPASSWD: ALL\n`, 0o440)
}

async function fill(given: Given): Promise<number> {
  const { machine, suite, tell } = given
  await moveIn(given)
  await using wayOut = await WayOut.open(machine)
  // sudo takes no proxy from the person's environment.
  await machine.write('etc/apt/apt.conf.d/90-appliance-test', `Acquire::http::Proxy "${wayOut.env['http_proxy'] ?? ''}";\n`)
  await machine.must(['install', '-d', '-o', PERSON, FOLDER])
  const fromMs = performance.now()
  const { code, output } = await asPerson(machine, `./install.sh --download ${FOLDER}`, {
    env: wayOut.env,
    limitMs: FILL_LIMIT_MS,
    onOutput: tell,
  })
  const seconds = secondsSince(fromMs)
  assert.is(code, 0, output.slice(-4_000))
  const fresh = `${stick(suite)}.fresh`
  await rm(fresh, { recursive: true, force: true })
  await mustRun('cp', ['-R', machine.at(FOLDER), fresh], { limitMs: 300_000 })
  await rm(stick(suite), { recursive: true, force: true })
  await rename(fresh, stick(suite))
  return seconds
}

/** What a refused installation must leave as it was. */
async function stateOf(machine: Machine): Promise<unknown> {
  const packages = await machine.must(['dpkg', '--get-selections'])
  return [packages, await remains(machine), await readdir(machine.at('var/tmp')), await readdir(machine.at('opt'))]
}

async function expectRefusal(given: Given, said: RegExp): Promise<void> {
  const { machine, tell } = given
  const before = await stateOf(machine)
  const { code, output } = await asPerson(machine, `sudo ./install.sh --offline ${FOLDER}`, { limitMs: 120_000, onOutput: tell })
  assert.is(code, 1, output)
  assert.match(output, said)
  assert.match(output, 'Nothing was changed')
  assert.equal(await stateOf(machine), before)
}

/** The first file below the folder whose path ends so. */
async function findFile(machine: Machine, part: string, ending: string): Promise<string> {
  const paths = await readdir(machine.at(join(FOLDER, part)), { recursive: true, withFileTypes: true })
  const found = paths.find((entry) => entry.isFile() && entry.name.endsWith(ending))
  if (found === undefined) throw new Error(`The folder holds no ${part}/*${ending}.`)
  return join(found.parentPath, found.name)
}

/** Each fault alone, and mended again. */
async function refuseWhatIsNotWhole(given: Given): Promise<void> {
  const { machine } = given
  const deb = await findFile(machine, 'debs', '.deb')
  await rename(deb, `${deb}.away`)
  await expectRefusal(given, /is not whole: debs\/\S+\.deb \(missing\)/)
  await rename(`${deb}.away`, deb)

  for (const [part, ending] of [
    ['node', '.tgz'],
    ['npm/_cacache/content-v2', ''],
  ] as const) {
    const path = await findFile(machine, part, ending)
    const content = await readFile(path)
    await truncate(path, Math.floor((await stat(path)).size / 2))
    await expectRefusal(given, new RegExp(`is not whole: ${part}/\\S+ \\(damaged\\)`))
    await writeFile(path, content)
  }

  const facts = machine.at(join(FOLDER, 'headcount-offline'))
  const text = await readFile(facts, 'utf8')
  await writeFile(facts, text.replace(/^debian=.*$/m, 'debian=11').replace(/^architecture=.*$/m, 'architecture=arm64'))
  await expectRefusal(given, /was made for Debian 11 on arm64, this is Debian 1[23] on amd64/)
  await writeFile(facts, text)

  await machine.must(['chmod', '0700', FOLDER])
  await expectRefusal(given, /person, to whom \S+ belongs, cannot read/)
  await machine.must(['chmod', '0755', FOLDER])
}

/** What the page's address gives to a browser in the machine. */
function fetchPage(machine: Machine): Promise<string> {
  const script = 'fetch("http://127.0.0.1:8080/").then(async (got) => console.log(got.status, await got.text()))'
  return machine.must(['/opt/headcount/current/node', '--eval', script])
}

async function installOffline(given: Given): Promise<number> {
  const { machine, suite, tell } = given
  if (!existsSync(stick(suite))) throw new Error('There is no folder to install from: the scenario that fills it has to run first.')
  await moveIn(given)
  assert.match(await machine.must(['ip', '-brief', 'link']), /^lo\s[^\n]*\n$/, 'the loopback is all there is of a network')
  await machine.must(['mkdir', '-p', FOLDER])
  await mustRun('cp', ['-R', `${stick(suite)}/.`, machine.at(FOLDER)], { limitMs: 300_000 })
  await refuseWhatIsNotWhole(given)

  // As a stick with a write protection.
  await machine.must(['mount', '-o', 'bind,ro', FOLDER, FOLDER])
  const sources = await readFile(machine.at('etc/apt/sources.list'), 'utf8')
  const fromMs = performance.now()
  const { code, output } = await asPerson(machine, `sudo ./install.sh --offline ${FOLDER}`, { limitMs: INSTALL_LIMIT_MS, onOutput: tell })
  const seconds = secondsSince(fromMs)
  assert.is(code, 0, output.slice(-4_000))
  await serviceRuns(machine, 1_000)
  assert.match(await fetchPage(machine), /^200 [\s\S]*headcount/)
  assert.is(await readFile(machine.at('etc/apt/sources.list'), 'utf8'), sources)
  assert.equal(
    (await readdir(machine.at('var/tmp'))).filter((name) => name.startsWith('headcount')),
    [],
  )

  await machine.must([`${CLONE}/install.sh`, '--uninstall', '--purge'], { limitMs: 120_000, onOutput: tell })
  assert.equal(await remains(machine), [])
  return seconds
}

export const offlineScenarios: readonly Scenario[] = [
  {
    title: '`--download` on a bare Debian, for `--offline`: the folder is filled',
    until: 'the folder was filled',
    limitMs: FILL_LIMIT_MS + 600_000,
    from: 'bare',
    run: fill,
  },
  {
    title:
      '`--offline` on another one, which has no network: a folder that is not whole, or another’s, changes nothing; a whole one: active (running), the page answers; uninstalled, nothing is left',
    until: 'install.sh was done',
    limitMs: INSTALL_LIMIT_MS + 900_000,
    from: 'bare',
    run: installOffline,
  },
]
