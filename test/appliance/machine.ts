import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { authoritiesEnv } from './base-root.ts'
import { ControlGroup } from './control-group.ts'
import { type CommandOptions, type Ran, runCommand } from './host-command.ts'
import { Overlay } from './overlay.ts'
import { runFolder } from './run-folder.ts'

const BOOT_LIMIT_MS = 60_000
const POWER_OFF_LIMIT_MS = 30_000
/** With --keep-unit nspawn leaves the restart of a machine that wants one to who started it (systemd-nspawn(1)). */
const EXIT_REBOOT = 133
/** SIGRTMIN+4: systemd as process 1 powers off (systemd(1)). Node knows no names of real-time signals. */
const SIGNAL_POWER_OFF = 38

/**
 * A Debian with a booted systemd in namespaces of this host: its own files, processes, users' names and network, of which it
 * has only the loopback. It is gone with the process that made it, however that ends.
 */
export class Machine implements AsyncDisposable {
  readonly name: string
  readonly #overlay: Overlay
  readonly #group: ControlGroup
  #nspawn: ChildProcess | null = null
  #console = ''

  private constructor(name: string, overlay: Overlay, group: ControlGroup) {
    this.name = name
    this.#overlay = overlay
    this.#group = group
  }

  /** `layers` as Overlay.mount takes them. It is off. */
  static async make(name: string, layers: readonly string[]): Promise<Machine> {
    const overlay = await Overlay.mount(join(runFolder(), name), layers)
    return new Machine(name, overlay, await ControlGroup.make(`headcount-${name}-${process.pid}`))
  }

  /** Its files as a folder of this host. */
  at(path: string): string {
    return join(this.#overlay.root, path)
  }

  /** Starts it and waits until systemd has started what it starts. */
  async boot(): Promise<void> {
    // nspawn sets the machine up in the group it is in itself. Without seccomp filters of nspawn's own: the service brings its own, and
    // a kernel need not know every call that nspawn's list names.
    const script = 'echo $$ >"$0/cgroup.procs" && exec setpriv --pdeathsig KILL systemd-nspawn "$@"'
    const options = ['--quiet', '--boot', '--register=no', '--keep-unit', '--private-network', '--console=read-only', '--link-journal=no']
    const files = [`--directory=${this.#overlay.root}`, `--machine=${this.name}`, '--resolv-conf=off', '--timezone=off']
    const child = spawn('sh', ['-c', script, this.#group.path, ...options, ...files, '--capability=all', '--system-call-filter=bpf'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1', SYSTEMD_SECCOMP: '0' },
    })
    this.#nspawn = child
    this.#console = ''
    for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text: string) => (this.#console += text))
    await this.#started()
  }

  async #started(): Promise<void> {
    await eventually(
      async () => {
        if (this.#nspawn?.exitCode !== null) throw new Error(`The machine has ended:\n${this.#console}`)
        const { stdout } = await this.#enter(['systemctl', 'is-system-running'], {})
        return /^(running|degraded)$/m.test(stdout)
      },
      { what: 'the machine has booted', withinMs: BOOT_LIMIT_MS, everyMs: 250, log: () => this.#console },
    )
  }

  /** Process 1 of the machine, as this host counts it. */
  async leader(): Promise<number> {
    const pid = this.#nspawn?.pid
    if (pid === undefined) throw new Error(`The machine ${this.name} is off.`)
    const [leader] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
    return Number(leader)
  }

  async #enter(command: readonly string[], options: CommandOptions): Promise<Ran> {
    const leader = await this.leader()
    return leader > 0
      ? runCommand('nsenter', ['--target', String(leader), '--all', ...command], options)
      : { code: null, stdout: '', output: '' }
  }

  /** Runs a program in it as a unit of its own, as root; `env` is added to a plain environment. */
  async run(command: readonly string[], { env = {}, limitMs = 60_000, ...options }: CommandOptions = {}): Promise<Ran> {
    const plain = { HOME: '/root', LANG: 'C.UTF-8', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
    const settings = Object.entries({ ...plain, ...authoritiesEnv(), ...env }).map(([key, value]) => `--setenv=${key}=${value ?? ''}`)
    const limits = [`--property=RuntimeMaxSec=${Math.ceil(limitMs / 1_000)}`, '--quiet', '--wait', '--pipe', '--collect']
    return this.#enter(['systemd-run', ...limits, ...settings, '--', ...command], { ...options, limitMs: limitMs + 10_000 })
  }

  /** The same for what has to succeed: gives what it said. */
  async must(command: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, output } = await this.run(command, options)
    if (code !== 0) throw new Error(`In ${this.name}: ${command.join(' ')} ended with ${code ?? 'a signal'}:\n${output.slice(-6_000)}`)
    return stdout
  }

  /** A file of its own, written in one go; folders are made. */
  async write(path: string, text: string | Buffer, mode = 0o644): Promise<void> {
    await mkdir(dirname(this.at(path)), { recursive: true })
    await writeFile(this.at(path), text, { mode })
  }

  async copyIn(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.at(to)), { recursive: true })
    await cp(from, this.at(to), { recursive: true })
  }

  /** Restarts it as a person would, and waits until it is there again. */
  async reboot(): Promise<void> {
    const child = this.#nspawn
    const ended = child === null ? Promise.resolve() : once(child, 'exit', { signal: AbortSignal.timeout(POWER_OFF_LIMIT_MS) })
    await this.run(['systemctl', 'reboot'])
    await ended
    if (child?.exitCode !== EXIT_REBOOT) throw new Error(`The machine did not reboot:\n${this.#console}`)
    await this.boot()
  }

  async journal(...args: readonly string[]): Promise<string> {
    return (await this.run(['journalctl', '--no-pager', ...args])).stdout
  }

  /** Ends it in an orderly way, after a while by force. */
  async powerOff(): Promise<void> {
    const child = this.#nspawn
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const leader = await this.leader()
    if (leader > 0) process.kill(leader, SIGNAL_POWER_OFF)
    await once(child, 'exit', { signal: AbortSignal.timeout(POWER_OFF_LIMIT_MS) }).catch(async () => {
      // The machine's processes die with their process 1.
      if (leader > 0) process.kill(leader, 'SIGKILL')
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    this.#nspawn = null
  }

  /** Powers off and keeps what was written as a layer for other machines; this one is gone. */
  async keepAs(layer: string): Promise<void> {
    await this.powerOff()
    await this.#overlay.keepAs(layer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.powerOff()
    await this.#overlay[Symbol.asyncDispose]()
    await this.#group[Symbol.asyncDispose]()
  }
}
