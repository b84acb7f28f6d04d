import { createHash } from 'node:crypto'
import { cp, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { skip } from '../support/skip.ts'
import { Machine } from './machine.ts'

const TOOLS = ['cmp', 'du', 'ls', 'sha256sum', 'sync', 'xargs']

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
const NOTE = '"$MACHINE/bin/diary" "${0##*/} $*"'

/** Beyond those of a machine: what an appliance's installation calls as root. The root folder of the machine is $MACHINE/root. */
const FAKES: Readonly<Record<string, string>> = {
  id: 'if [ "$1" = -u ]; then cat "$MACHINE/uid"; else echo pi; fi',
  chown: 'true',
  hostname: 'if [ $# = 0 ]; then echo shelf; else echo 192.0.2.7; fi',
  getent: 'grep -qxF -e "$1 $2" "$MACHINE/users" && echo "$2:x:1:1::$MACHINE/home:/bin/sh"',
  runuser: 'shift 3; exec "$@"',
  setpriv: 'while [[ $1 == --* ]]; do shift; done; exec "$@"',
  udevadm: NOTE,
  journalctl: 'echo "the journal of $(readlink "$MACHINE/root/opt/headcount/current")"',
  'systemd-sysusers': `${NOTE}; printf 'passwd headcount\\ngroup headcount\\n' >>"$MACHINE/users"`,
  'systemd-tmpfiles': `${NOTE}; mkdir -p "$MACHINE/root/etc/headcount" "$MACHINE/root/var/lib/headcount"`,
  userdel: `${NOTE}; sed -i /headcount/d "$MACHINE/users"`,
  groupdel: NOTE,
  // A version whose number stands in never-ready fails at its start; the service's state lies in $MACHINE/service.
  systemctl: `${NOTE}
    current=$(readlink "$MACHINE/root/opt/headcount/current")
    case "$*" in
      restart*) if grep -qsF -e "$current" "$MACHINE/never-ready"; then echo failed; else echo active; fi >"$MACHINE/service" ;;
      stop*) echo inactive >"$MACHINE/service" ;;
      *--value*) cat "$MACHINE/service" 2>/dev/null || echo inactive ;;
      show*) printf 'ActiveState=%s\\nMainPID=7\\nNRestarts=0\\n' "$(cat "$MACHINE/service")" ;;
    esac`,
}

/** Node as the installer calls it; the program itself, too, in whose environment only its own folders stand. */
const NODE = `: "\${MACHINE:=\${HEADCOUNT_STATE_DIR%/root/*}}"
  case "$1-$2" in
    -p-process.versions.node) cat "$MACHINE/node-version" ;;
    -p-*package-lock*) printf 'node_modules/koffi\\nnode_modules/onnxruntime-node\\n' ;;
    -p-*user_version*) cat "\${3%/*}/form" ;;
    -p-*) echo 137x64 ;;
    *main.js-config)
      "$MACHINE/bin/diary" "headcount $2 $3"
      if [ "$3" = print ]; then
        printf 'node: shelf-1 # default\\nmqtt:\\n  url: mqtt://localhost:1883 # default\\n  prefix: headcount # default\\nhttp:\\n  port: 8080 # default\\n  tokenFile: /t # default\\n'
      elif grep -qs 'a: fault' "$5"; then
        echo "$5 has a fault" >&2
        exit 78
      fi ;;
    *main.js-forget) "$MACHINE/bin/diary" "headcount forget"; [ ! -e "$MACHINE/no-broker" ] || { echo "no broker" >&2; exit 1; } ;;
  esac`

/** What npm and the compilers leave behind in a checkout. */
const BUILT: Readonly<Record<string, string>> = {
  'README.md': 'read me',
  'CHANGELOG.md': 'changes',
  LICENSE: 'free',
  'gst-pipelines/test.gst': 'videotestsrc',
  'agent/page/index.html': '<p>',
  'native/dist/ring.js': 'ring',
  'native/build/Release/ring.node': 'compiled',
  'native/build/Release/vision.node': 'compiled',
  'native/build/Release/ring_core.a': 'left over',
  'native/build/Release/ring_check': 'left over',
  'native/build/Release/obj.target/ring.o': 'left over',
}

/** Whether this user may do what install.sh does; otherwise it is said that the test is skipped. */
export function canInstall(): boolean {
  if (process.getuid?.() === 0) return true
  skip('only root can install the service')
  return false
}

/** A machine on which install.sh installs the service, with a checkout whose version can be set. */
export async function makeAppliance(): Promise<Machine> {
  const machine = await Machine.make()
  for (const tool of TOOLS) await machine.link(tool)
  for (const [name, body] of Object.entries(FAKES)) await machine.program(`bin/${name}`, body)
  await machine.program('node/bin/node', NODE)
  await machine.write('uid', '0')
  await machine.write('users', 'group video\n')
  await machine.write('root/etc/os-release', 'ID=debian\nVERSION_ID="12"\n')
  await machine.write('root/run/systemd/system/here', '')
  // Of the npm packages only their folders matter.
  await machine.write('npm-packages', 'koffi onnxruntime-node eslint')
  for (const [name, text] of Object.entries(BUILT)) await machine.write(`checkout/${name}`, text)
  await cp(fileURLToPath(new URL('systemd', installRoot)), join(machine.checkout, 'systemd'), { recursive: true })
  await setVersion(machine, '1.0.0')
  Object.assign(machine.env, {
    HEADCOUNT_ROOT: join(machine.root, 'root'),
    HEADCOUNT_SYSTEM_NODES: join(machine.root, 'node/bin/node'),
    HEADCOUNT_READY_SECONDS: '20',
  })
  return machine
}

export async function setVersion(machine: Machine, version: string): Promise<void> {
  await machine.write('checkout/package.json', `{\n  "name": "headcount",\n  "version": "${version}"\n}\n`)
}

/** A path of the machine that install.sh works on. */
export function at(machine: Machine, path: string): string {
  return join(machine.root, 'root', path)
}

/** The version that the link leads to. */
export function current(machine: Machine): Promise<string> {
  return readlink(at(machine, 'opt/headcount/current'))
}

export function configOf(machine: Machine): Promise<string> {
  return readFile(at(machine, 'etc/headcount/config.yaml'), 'utf8')
}

/** Runs install.sh, which has to succeed; returns what it said. */
export async function install(machine: Machine, ...words: string[]): Promise<string> {
  const { code, output } = await machine.run(words)
  assert.is(code, 0, output)
  return output
}

/** Every path below a folder, with the checksum of what it holds, or where it leads to. */
export async function contents(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const shown = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    if (entry.isSymbolicLink()) return `${path} -> ${await readlink(path)}`
    return entry.isFile() ? `${path}: ${sha256(await readFile(path))}` : path
  })
  return (await Promise.all(shown)).sort()
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
