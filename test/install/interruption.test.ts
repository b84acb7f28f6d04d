import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, canInstall, current, install, makeAppliance, setVersion } from './appliance-machine.ts'
import type { Machine } from './machine.ts'

const test = suite('install.sh is interrupted')

/** The tools that put a version together, which are the real ones and keep a diary. */
const NOTING: Readonly<Record<string, string>> = {
  mv: 'if [[ "$*" == *headcount/.* ]]; then "$MACHINE/bin/diary" "mv $*"; fi; exec /usr/bin/mv "$@"',
  sha256sum: '"$MACHINE/bin/diary" "sha256sum $*"; exec /usr/bin/sha256sum "$@"',
  // Halting in the middle it has unpacked the first files, but not all.
  tar: `if [ "$1" = --extract ] && [ "$(<"$MACHINE/halt-at")" = 'half of it is copied' ]; then
      head -c 20480 | /usr/bin/tar "$@"
      "$MACHINE/bin/diary" half of it is copied
    fi
    exec /usr/bin/tar "$@"`,
}

/** What a running installation needs at any moment: a current version with all its files. */
async function assertWhole(machine: Machine, said: string): Promise<void> {
  const release = await current(machine)
  for (const path of ['node', 'dist/agent/main.js', 'native/build/Release/ring.node', 'node_modules/koffi/index.js', '.files'])
    assert.ok(existsSync(at(machine, `opt/headcount/${release}/${path}`)), `${said}: ${release}/${path}`)
}

test('killed at any step of an upgrade, an old or the new version is whole, and the next run completes it', async () => {
  if (!canInstall()) return
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

test('killed while the new version is put together, the old one is whole and runs, and the next run completes it', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await install(machine)
  await setVersion(machine, '2.0.0')
  for (const [name, body] of Object.entries(NOTING)) {
    // A link to the real one.
    await machine.remove(`bin/${name}`)
    await machine.program(`bin/${name}`, body)
  }
  for (const step of ['half of it is copied', 'sha256sum', 'headcount/.new-files', 'headcount/.new /', '.previous.new', '.current.new']) {
    await machine.calls()
    await machine.run(['--upgrade'], { signal: 'SIGKILL', at: step })
    await assertWhole(machine, step)
  }
  await install(machine, '--upgrade')
  assert.is(await current(machine), '2.0.0')
  await assertWhole(machine, 'in the end')
})

test('an upgrade that was killed before it was ready goes back to the version that was', async () => {
  if (!canInstall()) return
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
