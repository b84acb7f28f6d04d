import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { at, canInstall, configOf, current, install, makeAppliance, setVersion } from './appliance-machine.ts'

const test = suite('install.sh upgrades and goes back')

test('an upgrade keeps configuration and the version before, and drops older ones', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  const { code, output } = await machine.run(['--upgrade'])
  assert.is(code, 1)
  assert.match(output, 'Run: sudo ./install.sh')
  await install(machine)
  await writeFile(at(machine, 'etc/headcount/config.yaml'), 'node: changed\n')
  for (const version of ['1.1.0', '1.2.0']) {
    await setVersion(machine, version)
    await install(machine, '--upgrade')
    assert.is(await current(machine), version)
  }
  assert.equal((await readdir(at(machine, 'opt/headcount'))).sort(), ['1.1.0', '1.2.0', 'current', 'previous'])
  assert.is(await readlink(at(machine, 'opt/headcount/previous')), '1.1.0')
  assert.is(await configOf(machine), 'node: changed\n')
})

test('goes back to the version before when the new one does not become ready, with its unit and its history', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await install(machine)
  const unit = await readFile(at(machine, 'etc/systemd/system/headcount.service'), 'utf8')
  await mkdir(at(machine, 'var/lib/headcount/history'))
  for (const [name, text] of [
    ['history.sqlite', 'old'],
    ['form', '1'],
  ] as const)
    await machine.write(`root/var/lib/headcount/history/${name}`, text)
  await setVersion(machine, '2.0.0')
  await machine.write('checkout/systemd/headcount.service', `${unit}# new\n`)
  await machine.write('never-ready', '2.0.0\n')
  // As the new version's migration would.
  await machine.program('bin/journalctl', 'echo planted reason; echo 2 >"$MACHINE/root/var/lib/headcount/history/form"')
  const { code, output } = await machine.run(['--upgrade'])
  assert.is(code, 1)
  assert.match(output, 'planted reason')
  assert.match(output, 'Version 2.0.0 did not become ready: headcount 1.0.0 runs again')
  assert.is(await current(machine), '1.0.0')
  assert.is(await readFile(join(machine.root, 'service'), 'utf8'), 'active\n')
  assert.is(await readFile(at(machine, 'etc/systemd/system/headcount.service'), 'utf8'), unit)
  assert.is(await readFile(at(machine, 'var/lib/headcount/history/form'), 'utf8'), '1')
  assert.not(existsSync(at(machine, 'opt/headcount/2.0.0')) || existsSync(at(machine, 'opt/headcount/.unproven')))

  await machine.remove('never-ready')
  await install(machine, '--upgrade')
  assert.is(await current(machine), '2.0.0')
})

test('two at once: the second waits for the first', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await install(machine)
  await setVersion(machine, '1.1.0')
  await machine.calls()
  await machine.haltAt('headcount config check')
  const first = machine.start(['--upgrade'])
  await machine.halted(first)
  const second = machine.start(['--upgrade'])
  await eventually(() => second.output().includes('waiting for it'), { what: 'the second waits', log: second.output })
  await machine.goOn()
  const runs = await Promise.all([first.ended, second.ended])
  assert.equal(
    runs.map(({ code }) => code),
    [0, 0],
    runs.map(({ output }) => output).join('\n'),
  )
  assert.not.match(first.output(), 'waiting for it')
  assert.is(await current(machine), '1.1.0')
})

test.run()
