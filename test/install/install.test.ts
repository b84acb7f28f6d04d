import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { skip } from '../support/skip.ts'
import { Machine } from './machine.ts'

const test = suite('install.sh')

test('shellcheck finds nothing in it, its parts and the command it installs', () => {
  const options = { encoding: 'utf8', cwd: fileURLToPath(installRoot) } as const
  const { status, stdout, error } = spawnSync('shellcheck', ['-x', 'install.sh', 'systemd/headcount'], options)
  if (error) {
    skip('shellcheck is not installed')
    return
  }
  assert.is(status, 0, stdout)
})

test('explains its modes', async () => {
  await using machine = await Machine.make()
  const { code, output } = await machine.run(['--help'])
  assert.is(code, 0)
  for (const mode of ['--demo', '--prepare', '--upgrade', '--uninstall', '--purge', '--dry-run', '--offline', '--download'])
    assert.match(output, mode)
})

test('refuses what it does not know with exit code 2 and nothing done', async () => {
  await using machine = await Machine.make()
  for (const words of [
    ['--prepare', 'now'],
    ['--demo', '--npu', 'real'],
    ['--demo', '--npu'],
    ['--demo', '--npu', 'sim', 'now'],
    ['--build', 'now'],
  ]) {
    const { code, output } = await machine.run(words)
    assert.is(code, 2, words.join(' '))
    assert.match(output, 'Usage:')
  }
  assert.equal(await machine.calls(), [])
})

test('installs what is missing, builds, and has nothing left to do the second time', async () => {
  await using machine = await Machine.make()
  const first = await machine.run(['--prepare'])
  assert.is(first.code, 0, first.output)
  const calls = (await machine.calls()).join('\n')
  assert.match(calls, /apt-get .*install --no-install-recommends .*\bg\+\+ .*libopencv-objdetect406/)
  assert.match(calls, /^npm ci /m)
  assert.match(calls, /^unpack-opencv\.sh/m)
  assert.match(calls, /^npm run addons --workspace native/m)
  assert.match(calls, /^tsc -b/m)

  const second = await machine.run(['--prepare'])
  assert.is(second.code, 0, second.output)
  const again = await machine.calls()
  assert.equal(
    again.map((call) => call.trim()),
    ['unpack-opencv.sh', 'npm run addons --workspace native', 'tsc -b', 'npm run models --workspace native'],
  )
})

test('completes what an older checkout has unpacked of OpenCV, with the packages it then links', async () => {
  await using machine = await Machine.make()
  await machine.write('checkout/native/opencv/include/opencv2/core.hpp', '')
  await machine.write('checkout/native/opencv/libraries', '-l:libc.so.6 ')
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 0, output)
  assert.match((await machine.calls()).join('\n'), /install .*libopencv-objdetect406/)
})

test('keeps the service of the mosquitto package off', async () => {
  await using machine = await Machine.make()
  await machine.run(['--prepare'])
  const calls = await machine.calls()
  const installs = calls.filter((call) => call.startsWith('apt-get') && / install .*mosquitto( |$)/.test(call))
  assert.is(installs.length, 1)
  assert.match(installs[0] ?? '', '(offline)')
  assert.ok(calls.some((call) => call.startsWith('systemctl disable mosquitto')))
})

test('leaves a mosquitto that was there alone', async () => {
  await using machine = await Machine.make()
  await machine.write('installed', 'mosquitto\n')
  await machine.run(['--prepare'])
  assert.not((await machine.calls()).some((call) => call.startsWith('systemctl') || call.includes('(offline)')))
})

test('without root and sudo it names the command for root, and does nothing', async () => {
  await using machine = await Machine.make()
  await machine.remove('bin/sudo')
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 1)
  assert.match(output, /As root run: apt-get update && apt-get install -y --no-install-recommends g\+\+ .* mosquitto/)
  assert.equal(await machine.calls(), [])
})

test('needs neither root nor sudo when nothing is missing', async () => {
  await using machine = await Machine.make()
  await machine.run(['--prepare'])
  await machine.remove('bin/sudo')
  assert.is((await machine.run(['--prepare'])).code, 0)
})

test('asks for no password where nobody can type one', async () => {
  await using machine = await Machine.make()
  await machine.program('bin/sudo', 'exit 1')
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 1)
  assert.match(output, 'password')
  assert.match(output, 'As root run: apt-get update')
})

test('a failing apt is shown with its last lines, a remedy and the log', async () => {
  await using machine = await Machine.make()
  await machine.write('apt-fails', 'E: Could not resolve the package server\n')
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 1)
  assert.match(output, '    E: Could not resolve the package server')
  assert.match(output, '-> The network or a package server did not answer')
  assert.match(await readFile(join(machine.root, 'home/.cache/headcount/install.log'), 'utf8'), 'Could not resolve')
  await machine.remove('apt-fails')
  assert.is((await machine.run(['--prepare'])).code, 0)
})

test('finishes a package installation that was interrupted before it begins its own', async () => {
  await using machine = await Machine.make()
  await machine.write('audit', 'The following packages are only half configured\n')
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 0, output)
  assert.match(output, 'Finishing an interrupted package installation: done')
})

test('checks the disk before it installs', async () => {
  await using machine = await Machine.make()
  await machine.write('free-mb', '300')
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 1)
  assert.match(output, '300 MB are free')
  assert.match(output, '-> Free some space')
  assert.not((await machine.calls()).some((call) => call.includes(' install ')))
})

test('installs the npm packages again when what they depend on has changed', async () => {
  await using machine = await Machine.make()
  await machine.run(['--prepare'])
  await machine.calls()
  await machine.write('checkout/package-lock.json', '{"changed": true}')
  await machine.run(['--prepare'])
  assert.ok((await machine.calls()).some((call) => call.startsWith('npm ci')))
})

test('killed in the middle of npm ci it starts that step over', async () => {
  await using machine = await Machine.make()
  await machine.run(['--prepare'])
  await machine.calls()
  await machine.write('checkout/package-lock.json', '{"changed": true}')
  assert.is((await machine.run(['--prepare'], { signal: 'SIGKILL', at: 'npm ci' })).code, null)
  await machine.calls()
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 0, output)
  assert.ok((await machine.calls()).some((call) => call.startsWith('npm ci')))
})

test('compiles again when an output was deleted', async () => {
  await using machine = await Machine.make()
  await machine.run(['--prepare'])
  await machine.remove('checkout/dist')
  await machine.calls()
  await machine.run(['--prepare'])
  assert.ok((await machine.calls()).includes('tsc -b --force'))
})

test('killed in the middle of compiling it compiles from the beginning, after Ctrl-C it goes on', async () => {
  await using machine = await Machine.make()
  await machine.run(['--prepare'])
  await machine.calls()
  await machine.write('checkout/native/build/cut-short.o', '')
  await machine.run(['--prepare'], { signal: 'SIGINT', at: 'npm run' })
  await machine.run(['--prepare'])
  assert.ok(existsSync(join(machine.checkout, 'native/build/cut-short.o')))

  await machine.calls()
  await machine.run(['--prepare'], { signal: 'SIGKILL', at: 'npm run' })
  await machine.calls()
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 0, output)
  assert.not(existsSync(join(machine.checkout, 'native/build/cut-short.o')))
  assert.ok((await machine.calls()).includes('tsc -b --force'))
})

test('takes no Node but the pinned one where the own one is too old', async () => {
  await using machine = await Machine.make()
  await machine.write('node-version', '18.20.4')
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 1)
  assert.match(output, 'not the one that was pinned')
  assert.not(existsSync(join(machine.root, 'home/.cache/headcount/node-24.21.0')))
})

test.run()
