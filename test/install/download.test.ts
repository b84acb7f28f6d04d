import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { canInstall, install } from './appliance-machine.ts'
import { fill, folderOf, makeFiller } from './offline-machine.ts'

const test = suite('install.sh fills a folder for a machine without a network')

test('filling again fetches what is damaged, though apt would keep it, and drops what the archive no longer has', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await machine.write('folder/debs/gcc_old_amd64.deb', 'of another release')
  await fill(machine)
  assert.not.match(await readFile(join(folderOf(machine), 'debs/Packages'), 'utf8'), '_old_')
  const deb = join(folderOf(machine), 'debs/gcc_1_amd64.deb')
  const whole = await readFile(deb, 'utf8')
  await writeFile(deb, 'X'.repeat(whole.length))
  assert.match(await fill(machine), 'Fetching again: debs/gcc_1_amd64.deb (damaged)')
  assert.is(await readFile(deb, 'utf8'), whole)
})

test('a filling that was killed is no folder to install from, and the next one completes it', async () => {
  if (!canInstall()) return
  await using machine = await makeFiller()
  await fill(machine)
  for (const step of ['--download-only', ' download ', 'npm ci']) {
    await machine.run(['--download', folderOf(machine)], { signal: 'SIGKILL', at: step })
    const { code, output } = await machine.run(['--offline', folderOf(machine)])
    assert.is(code, 2, output)
    assert.match(output, 'has filled to its end')
    await machine.calls()
  }
  await fill(machine)
  await install(machine, '--offline', folderOf(machine))
})

test.run()
