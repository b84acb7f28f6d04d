import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, canInstall, configOf, contents, install, makeAppliance } from './appliance-machine.ts'

const test = suite('install.sh and what it is told')

test('refuses wrong options with exit code 2, says which, and does nothing', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  const wrong: readonly (readonly [string, ...string[]])[] = [
    ['not known', '--frobnicate'],
    ['wants a value', '--node'],
    ['wants a value', '--camera', '--upgrade'],
    ['--node takes', '--node', 'Große Halle'],
    ['--mqtt-url wants', '--mqtt-url', 'mqtt://user:secret@broker'],
    ['--mqtt-url wants', '--mqtt-url', 'broker'],
    ['wants --mqtt-username', '--mqtt-password-file', '/etc/hostname'],
    ['no file', '--config', '/nowhere/at/all'],
    ['whole configuration', '--config', '/etc/hostname', '--node', 'hall'],
    ['exclude', '--upgrade', '--uninstall'],
    ['goes with --uninstall', '--purge'],
    ['does not go with', '--uninstall', '--node', 'hall'],
    ['has filled to its end', '--offline', '/tmp'],
  ]
  for (const [said, ...words] of wrong) {
    const { code, output } = await machine.run(words)
    assert.is(code, 2, `${words.join(' ')}: ${output}`)
    assert.match(output.split('\n')[0] ?? '', said)
  }
  assert.equal(await machine.calls(), [])
  assert.not(existsSync(at(machine, 'opt')))
})

test('wants root, a Debian that it knows, and memory, before it does anything', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  const refused = async (said: string) => {
    const { code, output } = await machine.run([])
    assert.is(code, 1, output)
    assert.match(output, said)
  }
  await machine.write('uid', '1000')
  await refused('Run: sudo ./install.sh')
  await machine.write('uid', '0')
  await machine.write('root/etc/os-release', 'ID=ubuntu\nVERSION_ID="24.04"\n')
  await refused('This is ubuntu 24.04')
  await machine.write('root/etc/os-release', 'ID=debian\nVERSION_ID="13"\n')
  await machine.write('meminfo', 'MemTotal: 500000 kB\n')
  machine.env['HEADCOUNT_MEMINFO'] = join(machine.root, 'meminfo')
  await refused('has 488 MB of memory')
  assert.equal(await machine.calls(), [])
  assert.not(existsSync(at(machine, 'opt')))
})

test('writes its settings into the configuration when it makes one, and never into one that is there', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await machine.write('secret', "it's-secret\n")
  const camera = "rtsp://cam@192.0.2.9/a'b"
  const words = ['--node', 'hall', '--camera', camera, '--mqtt-url', 'mqtt://192.0.2.2', '--mqtt-username', 'counter']
  const output = await install(machine, ...words, '--mqtt-password-file', join(machine.root, 'secret'))
  const text = await configOf(machine)
  for (const line of ["node: 'hall'", "    source: 'rtsp://cam@192.0.2.9/a''b'", "  url: 'mqtt://192.0.2.2'", "  username: 'counter'"])
    assert.ok(text.split('\n').includes(line), line)
  assert.match(text, '\n  passwordFile: /etc/headcount/mqtt-password\n')
  assert.is(await readFile(at(machine, 'etc/headcount/mqtt-password'), 'utf8'), "it's-secret\n")
  assert.is((await stat(at(machine, 'etc/headcount/mqtt-password'))).mode & 0o777, 0o640)
  const everything = `${output}${(await machine.calls()).join('\n')}${await readFile(at(machine, 'var/log/headcount-install.log'), 'utf8')}`
  assert.not.match(everything, 'secret\n')

  assert.match(await install(machine, '--node', 'other'), 'never overwritten')
  assert.is(await configOf(machine), text)
})

test('takes a whole configuration, and refuses a wrong one before anything runs', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  const file = join(machine.root, 'mine.yaml')
  await writeFile(file, 'a: fault\n')
  const { code, output } = await machine.run(['--config', file])
  assert.is(code, 1)
  assert.match(output, 'has a fault')
  assert.match(output, 'Nothing was changed')
  assert.not(existsSync(at(machine, 'opt/headcount/current')) || existsSync(at(machine, 'etc/headcount/config.yaml')))
  await writeFile(file, 'node: mine\n')
  await install(machine, '--config', file)
  assert.is(await configOf(machine), 'node: mine\n')
})

test('--dry-run says what would be done and changes nothing', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await machine.write('uid', '1000')
  const before = await contents(machine.root)
  const output = await install(machine, '--dry-run', '--node', 'hall')
  for (const told of [
    'install with apt: g++',
    'put version 1.0.0 into',
    'make the user headcount',
    'write',
    'start the service',
    'Nothing was changed',
  ])
    assert.match(output, told)
  assert.match(await install(machine, '--uninstall', '--dry-run'), 'Would stop')
  assert.equal(
    (await contents(machine.root)).filter((line) => !line.includes(`${machine.root}/calls`)),
    before,
  )
})

test('with an NPU it brings Hailo’s packages where apt has them, and no OpenCV unless asked', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await machine.write('root/sys/bus/pci/devices/0001:01:00.0/vendor', '0x1e60\n')
  const output = await install(machine)
  const calls = (await machine.calls()).join('\n')
  assert.match(calls, /install .*\bdkms hailo-all\b/)
  assert.not.match(calls, /unpack-opencv|libopencv/)
  assert.not(existsSync(at(machine, 'opt/headcount/1.0.0/node_modules/onnxruntime-node')))
  assert.match(output, 'sudo reboot')
  await install(machine, '--cpu-detector')
  assert.match((await machine.calls()).join('\n'), /unpack-opencv/)
})

test.run()
