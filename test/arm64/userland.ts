import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { authoritiesEnv, baseRoot, type Suite } from '../appliance/base-root.ts'
import { type CommandOptions, mustRun, type Ran, runCommand } from '../appliance/host-command.ts'
import { Overlay } from '../appliance/overlay.ts'
import { runFolder } from '../appliance/run-folder.ts'

const EMULATOR = '/proc/sys/fs/binfmt_misc/qemu-aarch64'

/** Why this machine cannot run programs for arm64, with the remedy; null when it can. */
export async function cannotRunArm64(): Promise<string | null> {
  if (process.arch === 'arm64') return null
  const entry = await readFile(EMULATOR, 'utf8').catch(() => '')
  // F: the kernel keeps the emulator open, so that it need not lie in every root file system.
  if (/^flags:.*F/m.test(entry)) return null
  return 'This machine runs no programs for arm64. Run: apt-get install qemu-user-static binfmt-support && mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc && update-binfmts --enable qemu-aarch64'
}

/** The files of an arm64 Debian, whose programs run on this machine's kernel, one after the other; without systemd, with this machine's network. */
export class Userland implements AsyncDisposable {
  readonly #overlay: Overlay

  private constructor(overlay: Overlay) {
    this.#overlay = overlay
  }

  /** `layer` is what an earlier one kept. */
  static async make(suite: Suite, layer: string | null): Promise<Userland> {
    const base = await baseRoot(suite, 'arm64')
    return new Userland(await Overlay.mount(join(runFolder(), `arm64-${suite}`), layer === null ? [base] : [layer, base]))
  }

  at(path: string): string {
    return join(this.#overlay.root, path)
  }

  /** Runs a program in it; its processes end with it. */
  async run(command: readonly string[], { env = {}, ...options }: CommandOptions = {}): Promise<Ran> {
    const settings = Object.entries({ HOME: '/root', LANG: 'C.UTF-8', ...authoritiesEnv(), ...env }).map(
      ([key, value]) => `--setenv=${key}=${value ?? ''}`,
    )
    const machine = [
      '--quiet',
      '--register=no',
      '--keep-unit',
      '--as-pid2',
      '--pipe',
      '--resolv-conf=copy-host',
      '--timezone=off',
      '--link-journal=no',
    ]
    const args = ['--pdeathsig', 'KILL', 'systemd-nspawn', ...machine, `--directory=${this.#overlay.root}`, ...settings, '--', ...command]
    return runCommand('setpriv', args, { ...options, env: { ...process.env, SYSTEMD_SECCOMP: '0' } })
  }

  /** The same for what has to succeed: gives what it said. */
  async must(command: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, output } = await this.run(command, options)
    if (code !== 0) throw new Error(`On arm64: ${command.join(' ')} ended with ${code ?? 'a signal'}:\n${output.slice(-6_000)}`)
    return stdout
  }

  /** Keeps what was written as a layer for another one; this one is gone. */
  async keepAs(layer: string): Promise<void> {
    await mustRun('sync', [])
    await this.#overlay.keepAs(layer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#overlay[Symbol.asyncDispose]()
  }
}
