import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, canInstall, install, makeAppliance, setVersion } from './appliance-machine.ts'
import { Machine } from './machine.ts'

const test = suite('install.sh lends root’s rights to nobody')

const WRITERS = ['chmod', 'chown', 'cp', 'mv', 'rm']

/** Lets root's own calls of what writes be noted when they reach into the folder of the service; those of its user go to /usr/bin. */
async function watchRoot(machine: Machine): Promise<void> {
  for (const name of WRITERS) {
    // It is a link to the real one.
    await machine.remove(`bin/${name}`)
    const note = `case " $* " in *var/lib/headcount/*) echo "${name} $*" >>"$MACHINE/as-root" ;; esac`
    await machine.program(`bin/${name}`, name === 'chown' ? note : `${note}; exec /usr/bin/${name} "$@"`)
  }
}

test('root writes nothing in the folder of the service’s user, who could lay a link there', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await watchRoot(machine)
  await install(machine)
  assert.match(await readFile(at(machine, 'var/lib/headcount/token'), 'utf8'), /^[\w-]{43}\n$/)
  await mkdir(at(machine, 'var/lib/headcount/history'))
  for (const name of ['history.sqlite', 'form']) await machine.write(`root/var/lib/headcount/history/${name}`, '1')
  await setVersion(machine, '2.0.0')
  await machine.write('never-ready', '2.0.0\n')
  await machine.program('bin/journalctl', 'echo 2 >"$MACHINE/root/var/lib/headcount/history/form"')
  assert.match((await machine.run(['--upgrade'])).output, 'The history is the one from before the upgrade')
  await machine.remove('never-ready')
  await install(machine, '--upgrade')
  assert.is(await readFile(join(machine.root, 'as-root'), 'utf8').catch(() => ''), '')
})

test('a file of somebody else where everybody may write keeps nobody from installing', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  await machine.write('root/run/lock/headcount-install.lock/of-somebody-else', '')
  await install(machine)
})

test('the service takes no Node from somebody’s home, whatever leads there', async () => {
  if (!canInstall()) return
  await using machine = await makeAppliance()
  const link = join(machine.root, 'system-node')
  await machine.program('root/home/pi/node/bin/node', await readFile(join(machine.root, 'node/bin/node'), 'utf8'))
  await machine.program('root/home/pi/node/bin/npm', await readFile(join(machine.root, 'node/bin/npm'), 'utf8'))
  await machine.write('root/home/pi/node/include/node/node_api.h', '')
  await symlink(join(machine.root, 'root/home/pi/node/bin/node'), link)
  const other = machine.env['HEADCOUNT_SYSTEM_NODES'] ?? ''
  machine.env['HEADCOUNT_SYSTEM_NODES'] = `${link} ${other}`
  assert.match(await install(machine), `(${other})`)
})

test('a package server that does not answer is told as that', async () => {
  await using machine = await Machine.make()
  await machine.write('node-version', '18.20.4')
  const npm = await readFile(join(machine.root, 'node/bin/npm'), 'utf8')
  await machine.write('node/bin/npm', npm.replace(/pack\) .*/, 'pack) echo "npm error code EAI_AGAIN" >&2; exit 1 ;;'))
  const { code, output } = await machine.run(['--prepare'])
  assert.is(code, 1)
  assert.match(output, 'The network or a package server did not answer')
  assert.not.match(output, 'pinned')
})

test.run()
