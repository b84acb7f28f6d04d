import { lstat } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, canInstall, contents, install, makeAppliance } from './appliance-machine.ts'

const test = suite('install.sh removes the service')

test('removes everything but a person’s, and that too with --purge', async () => {
  if (!canInstall()) return
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

test.run()
