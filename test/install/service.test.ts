import { existsSync } from 'node:fs'
import { readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, canInstall, contents, current, install, makeAppliance } from './appliance-machine.ts'

const test = suite('install.sh installs the service')

test('installs what runs without the checkout, starts it, and says where it is', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  const output = await install(machine)
  const calls = (await machine.calls()).join('\n')
  for (const call of [/^systemd-sysusers headcount\.conf/m, /^systemctl enable/m, /^systemctl restart/m, /^headcount config check/m])
    assert.match(calls, call)
  assert.not.match(calls, /mosquitto/)
  for (const told of ['192.0.2.7:8080', 'sudo cat', 'mqtt://localhost:1883/headcount/shelf-1/#', 'sudo apt install mosquitto'])
    assert.ok(output.includes(told), `${told} in ${output}`)

  assert.is(await current(machine), '1.0.0')
  const release = at(machine, 'opt/headcount/1.0.0')
  for (const path of [
    'dist/agent/main.js',
    'native/build/Release/ring.node',
    'node_modules/koffi/index.js',
    'agent/page/index.html',
    'install.sh',
    'node',
  ])
    assert.ok(existsSync(join(release, path)), path)
  // Neither development packages nor what compilers leave.
  for (const path of [
    'node_modules/eslint',
    'native/build/Release/ring_core.a',
    'native/build/Release/ring_check',
    'native/build/Release/obj.target',
  ])
    assert.not(existsSync(join(release, path)), path)
  assert.is(await readlink(join(release, 'node_modules/hailort-node')), '../native')
  assert.not((await contents(release)).some((line) => / -> /.test(line) && line.includes(machine.checkout)))

  const token = at(machine, 'var/lib/headcount/token')
  assert.match(await readFile(token, 'utf8'), /^[\w-]{43}\n$/)
  assert.is((await stat(token)).mode & 0o777, 0o640)
  assert.is((await stat(at(machine, 'etc/headcount/config.yaml'))).mode & 0o777, 0o640)
  assert.match(await readFile(at(machine, 'etc/sysusers.d/headcount.conf'), 'utf8'), /^m headcount video$/m)
  assert.not.match(await readFile(at(machine, 'etc/sysusers.d/headcount.conf'), 'utf8'), /^m headcount (render|gpio)/m)
  for (const path of [
    'etc/systemd/system/headcount.service',
    'etc/udev/rules.d/70-headcount.rules',
    'etc/tmpfiles.d/headcount.conf',
    'usr/local/bin/headcount',
  ])
    assert.ok(existsSync(at(machine, path)), path)
})

test('run again it changes nothing and leaves the running service alone', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await install(machine)
  const before = await contents(at(machine, 'opt'))
  const token = await readFile(at(machine, 'var/lib/headcount/token'), 'utf8')
  await machine.calls()
  assert.match(await install(machine), 'runs already')
  assert.equal(await contents(at(machine, 'opt')), before)
  assert.is(await readFile(at(machine, 'var/lib/headcount/token'), 'utf8'), token)
  assert.not((await machine.calls()).some((call) => /^systemctl (re)?start/.test(call)))
})

test('mends an installation that was damaged', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await install(machine)
  await machine.write('root/opt/headcount/1.0.0/dist/agent/main.js', 'half of')
  await machine.remove('root/etc/systemd/system/headcount.service')
  await install(machine)
  assert.match(await current(machine), /^1\.0\.0\+[0-9a-f]{8}$/)
  assert.is(await readFile(at(machine, `opt/headcount/${await current(machine)}/dist/agent/main.js`), 'utf8'), '')
  assert.ok(existsSync(at(machine, 'etc/systemd/system/headcount.service')))
})

test('without systemd it installs all the same, for the next boot', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await machine.remove('root/run/systemd')
  assert.match(await install(machine), 'starts with the next boot')
  const calls = await machine.calls()
  assert.ok(calls.some((call) => call.startsWith('systemctl enable')))
  assert.not(calls.some((call) => /^systemctl (restart|start|daemon-reload|show)/.test(call)))
})

test('a first version that does not become ready is told with its journal, and stays for mending', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await machine.write('never-ready', '1.0.0\n')
  const { code, output } = await machine.run([])
  assert.is(code, 1)
  assert.match(output, 'the journal of 1.0.0')
  assert.match(output, 'sudo systemctl restart headcount')
  await machine.remove('never-ready')
  await install(machine)
})

test.run()
