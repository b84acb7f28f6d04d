import { existsSync } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, contents, current, install, makeAppliance, setVersion } from './appliance-machine.ts'
import type { Machine } from './machine.ts'

const test = suite('install.sh removes the service, and is interrupted')

test('removes everything but a person’s, and that too with --purge', async () => {
  await using machine = await makeAppliance()
  await install(machine)
  await machine.calls()
  const output = await install(machine, '--uninstall')
  assert.match(output, '--purge')
  assert.ok((await machine.calls()).includes('headcount forget'))
  const left = (await contents(at(machine, ''))).filter((line) => /headcount/.test(line.slice(machine.root.length).split(':')[0] ?? ''))
  assert.ok(left.length > 0)
  for (const line of left) assert.match(line, /\/(etc|var\/lib)\/headcount/)

  await install(machine)
  await machine.write('no-broker', '')
  assert.match(await install(machine, '--uninstall', '--purge'), 'They stay at the broker')
  // Folders that every system has are no trace.
  const now = (await contents(at(machine, ''))).map((line) => line.slice(machine.root.length))
  assert.equal(
    now.filter((line) => line.includes('headcount')),
    [],
  )
  assert.match(await install(machine, '--uninstall'), 'removed')
  assert.ok((await lstat(at(machine, 'etc/os-release'))).isFile())
})

/** What a running installation needs at any moment: a current version with all its files. */
async function assertWhole(machine: Machine, said: string): Promise<void> {
  const release = await current(machine)
  for (const path of ['node', 'dist/agent/main.js', 'native/build/Release/ring.node', 'node_modules/koffi/index.js', '.files'])
    assert.ok(existsSync(at(machine, `opt/headcount/${release}/${path}`)), `${said}: ${release}/${path}`)
}

test('killed at any step of an upgrade, an old or the new version is whole, and the next run completes it', async () => {
  await using machine = await makeAppliance()
  await install(machine)
  const steps = [
    'headcount config check',
    'systemd-sysusers',
    'systemd-tmpfiles',
    'systemctl daemon-reload',
    'systemctl enable',
    'systemctl restart',
  ]
  for (const [index, step] of steps.entries()) {
    await machine.calls()
    await setVersion(machine, `1.${index}.1`)
    // A new unit is one more thing that can be half done.
    await machine.write('checkout/systemd/headcount.service', `# ${step}\n`)
    await machine.run(['--upgrade'], { signal: 'SIGKILL', at: step })
    await assertWhole(machine, step)
  }
  await install(machine, '--upgrade')
  assert.is(await current(machine), `1.${steps.length - 1}.1`)
  assert.is(await readFile(at(machine, 'etc/systemd/system/headcount.service'), 'utf8'), `# ${steps.at(-1) ?? ''}\n`)
  assert.equal(
    (await readdir(at(machine, 'opt/headcount'))).filter((name) => name.startsWith('.')),
    [],
  )
})

test('an upgrade that was killed before it was ready goes back to the version that was', async () => {
  await using machine = await makeAppliance()
  await install(machine)
  await setVersion(machine, '2.0.0')
  await machine.write('never-ready', '2.0.0\n')
  await machine.calls()
  await machine.run(['--upgrade'], { signal: 'SIGKILL', at: 'systemctl restart' })
  assert.is(await current(machine), '2.0.0')
  const { code, output } = await machine.run(['--upgrade'])
  assert.is(code, 1)
  assert.match(output, 'headcount 1.0.0 runs again')
  assert.is(await current(machine), '1.0.0')
})

test.run()
