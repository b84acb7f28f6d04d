import { existsSync } from 'node:fs'
import { chown, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, canInstall, contents, current, install } from './appliance-machine.ts'
import type { Machine } from './machine.ts'
import { fill, folderOf, makeFiller } from './offline-machine.ts'

const test = suite('install.sh without a network')

test('what --download has filled is all that --offline takes from, and nothing is left of it outside', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  assert.match(await fill(machine), 'sudo ./install.sh --offline FOLDER')
  const folder = folderOf(machine)
  assert.equal((await readdir(folder)).sort(), ['checksums', 'debs', 'headcount-offline', 'node', 'npm'])
  assert.match(
    await readFile(join(folder, 'debs/Packages'), 'utf8'),
    /^Filename: \.\/libc_1%3a2_amd64\.deb\nSize: \d+\nSHA256: [0-9a-f]{64}$/m,
  )

  const before = await contents(folder)
  await install(machine, '--offline', folder)
  assert.is(await current(machine), '1.0.0')
  const calls = await machine.calls()
  const temporary = at(machine, 'var/tmp')
  for (const call of calls.filter((line) => line.startsWith('apt-get')))
    assert.ok(call.includes(`sourcelist "${temporary}/headcount-offline.`), call)
  const modules = calls.filter((line) => line.startsWith('npm ci'))
  assert.is(modules.length, 1)
  assert.match(modules[0] ?? '', /offline from .*\/var\/tmp\/headcount-offline\.\w+\/npm of https:\/\/registry\.example\/$/)
  assert.equal(await contents(folder), before)
  assert.equal(await readdir(temporary), [])
})

/** Debian's number for the user that owns nothing. */
const NOBODY = 65_534

/** What is said of a folder, and what is wrong with it, or with the machine for it. */
const WRONG: readonly (readonly [said: string | RegExp, (machine: Machine) => Promise<void>])[] = [
  ['debs/gcc_1_amd64.deb (missing)', async (machine) => rm(join(folderOf(machine), 'debs/gcc_1_amd64.deb'))],
  ['debs/gcc_1_amd64.deb (damaged)', async (machine) => truncate(join(folderOf(machine), 'debs/gcc_1_amd64.deb'), 3)],
  ['npm/_cacache/koffi (missing)', async (machine) => rm(join(folderOf(machine), 'npm/_cacache/koffi'))],
  [
    /node\/npm-[\d.]+\.tgz \(damaged\)/,
    async (machine) => {
      const [name = ''] = (await readdir(join(folderOf(machine), 'node'))).filter((file) => file.startsWith('npm-'))
      await writeFile(join(folderOf(machine), 'node', name), 'something else')
    },
  ],
  [
    /node\/node-\S+ \(missing\) and 3 more\.\n/,
    async (machine) => {
      for (const part of ['debs', 'npm', 'node']) await rm(join(folderOf(machine), part), { recursive: true })
    },
  ],
  ['checksums (damaged)', async (machine) => truncate(join(folderOf(machine), 'checksums'), 100)],
  ['checksums (damaged)', async (machine) => rm(join(folderOf(machine), 'checksums'))],
  ['headcount-offline', async (machine) => truncate(join(folderOf(machine), 'headcount-offline'), 20)],
  ['headcount-offline', async (machine) => truncate(join(folderOf(machine), 'headcount-offline'), 0)],
  [
    'was made for Debian 12 on amd64, this is Debian 13 on amd64',
    async (machine) => machine.write('root/etc/os-release', 'ID=debian\nVERSION_ID="13"\n'),
  ],
  [
    'was made for Debian 13 on amd64, this is Debian 13 on arm64',
    async (machine) => machine.program('bin/dpkg', '[ "$1" != --print-architecture ] || echo arm64'),
  ],
  ['was made by another version of headcount', async (machine) => machine.write('checkout/package-lock.json', '{ "other": true }')],
]

test('a folder that is not whole, or made for another machine, is refused with nothing changed; filled again it is taken', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await fill(machine)
  for (const [said, spoil] of WRONG) {
    await spoil(machine)
    const before = await contents(at(machine, ''))
    const { code, output } = await machine.run(['--offline', folderOf(machine)])
    assert.is(code, 1, output)
    assert.match(output, said)
    assert.match(output, 'Nothing was changed')
    assert.equal(await contents(at(machine, '')), before)
    assert.equal(await machine.calls(), [])
    // Mended where it is.
    await fill(machine)
  }
  await install(machine, '--offline', folderOf(machine))
  assert.is(await current(machine), '1.0.0')
})

test('--dry-run looks at the folder, too', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await fill(machine)
  const words = ['--offline', folderOf(machine), '--dry-run']
  assert.match(await install(machine, ...words), 'Would install headcount')
  await rm(join(folderOf(machine), 'npm/_cacache/koffi'))
  const { code, output } = await machine.run(words)
  assert.is(code, 1, output)
  assert.match(output, 'npm/_cacache/koffi (missing)')
  assert.not(existsSync(at(machine, 'opt')))
})

test('a folder older than the packages of the machine: says that it has to be filled again, not that the network is down', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await fill(machine)
  const older = 'libc-dev : Depends: libc (= 1) but 2 is to be installed\nE: Unable to correct problems, you have held broken packages.\n'
  for (const text of [older, 'E: Failed to fetch file:/gone\n']) {
    await machine.write('apt-fails', text)
    const { code, output } = await machine.run(['--offline', folderOf(machine)])
    assert.is(code, 1, output)
    assert.match(output, 'fill it again with ./install.sh --download')
  }
  await machine.remove('apt-fails')
  await install(machine, '--offline', folderOf(machine))
})

test('an installation that was killed leaves a copy of npm’s cache behind, which goes with the next', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await fill(machine)
  await machine.run(['--offline', folderOf(machine)], { signal: 'SIGKILL', at: 'npm ci' })
  assert.is((await readdir(at(machine, 'var/tmp'))).length, 1)
  await install(machine, '--offline', folderOf(machine))
  assert.equal(await readdir(at(machine, 'var/tmp')), [])
})

test('who builds must be able to read the folder, which is told before anything is changed', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await fill(machine)
  await chown(machine.checkout, NOBODY, NOBODY)
  await machine.program('bin/runuser', 'exit 1')
  const { code, output } = await machine.run(['--offline', folderOf(machine)])
  assert.is(code, 1, output)
  assert.match(output, 'nobody, to whom')
  assert.match(output, /sudo chmod -R a\+rX '\S+'/)
  assert.not(existsSync(at(machine, 'opt')))
  await chown(machine.checkout, 0, 0)
  await install(machine, '--offline', folderOf(machine))
})

test('a folder with a space in its path is refused by both', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await fill(machine)
  const spaced = join(machine.root, 'a folder')
  await rename(folderOf(machine), spaced)
  for (const mode of ['--download', '--offline']) {
    const { code, output } = await machine.run([mode, spaced])
    assert.is(code, 1, output)
    assert.match(output, 'holds a space')
  }
  assert.not(existsSync(at(machine, 'opt')))
})

test.run()
