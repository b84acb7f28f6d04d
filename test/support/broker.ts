import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../agent/demo/free-port.ts'
import { eventually } from './eventually.ts'

export interface BrokerOptions {
  /** Passwords by user; without users anybody may come in. */
  readonly users?: Readonly<Record<string, string>>
  /** Lines of a mosquitto access list. */
  readonly acl?: string
  /** Keep what is retained over `stop` and `start`. */
  readonly persistent?: boolean
  /** Lines added to the configuration. */
  readonly extra?: string
  /** Take this port instead of a free one. */
  readonly port?: number
}

/** A real mosquitto of the test's own, on a free port of this machine. */
export class Broker implements AsyncDisposable {
  readonly port: number
  readonly dir: string
  #process: ChildProcess | null = null

  constructor(port: number, dir: string) {
    this.port = port
    this.dir = dir
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** Starts mosquitto and waits until it listens. */
  async start(): Promise<void> {
    const program = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path)) ?? 'mosquitto'
    const log: string[] = []
    const child = spawn(program, ['-c', join(this.dir, 'mosquitto.conf')], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text: string) => log.push(text))
    child.once('error', (error) => log.push(error.message))
    // Another one on that port would answer, too: ours has to live.
    const ended = () => child.exitCode !== null || child.signalCode !== null
    await eventually(async () => ended() || (await answers(this.port)), { what: 'mosquitto listens', log: () => log.join('') })
    if (ended()) throw new Error(`mosquitto has ended: ${log.join('')}`)
  }

  /** Ends mosquitto, by default without a chance to say anything. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  /** Lines for the configuration of the next start. */
  async configure(lines: string): Promise<void> {
    await appendFile(join(this.dir, 'mosquitto.conf'), `${lines}\n`)
  }

  /** Gives the running mosquitto another access list. */
  async rewriteAcl(acl: string): Promise<void> {
    await writeFile(join(this.dir, 'acl'), `${acl}\n`, { mode: 0o600 })
    this.#process?.kill('SIGHUP')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** Somebody else may take a port between our look and mosquitto's start. */
const TRIES = 3

/** A broker that is ready to take connections. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  for (let tries = 1; ; tries++) {
    const broker = await prepareBroker(options)
    try {
      await broker.start()
      return broker
    } catch (error) {
      await broker[Symbol.asyncDispose]()
      if (tries === TRIES || options.port !== undefined) throw error
    }
  }
}

/** A broker that is still to be started, on a port that is known already. */
export async function prepareBroker({ users, acl, persistent = false, extra = '', port }: BrokerOptions = {}): Promise<Broker> {
  const broker = new Broker(port ?? (await freePort()), await mkdtemp(join(tmpdir(), 'headcount-broker-')))
  const file = (name: string) => join(broker.dir, name)
  const lines = [
    `listener ${broker.port} 127.0.0.1`,
    `allow_anonymous ${users ? 'false' : 'true'}`,
    `persistence ${persistent ? 'true' : 'false'}`,
  ]
  // Started by root it would otherwise turn into a user that cannot read the temporary folder.
  lines.push('user root', `persistence_location ${broker.dir}/`)
  if (users) {
    lines.push(`password_file ${file('passwords')}`)
    await writeFile(file('passwords'), '', { mode: 0o600 })
    for (const [user, password] of Object.entries(users))
      await promisify(execFile)('mosquitto_passwd', ['-b', file('passwords'), user, password])
  }
  if (acl) {
    lines.push(`acl_file ${file('acl')}`)
    await writeFile(file('acl'), `${acl}\n`, { mode: 0o600 })
  }
  await writeFile(file('mosquitto.conf'), `${lines.join('\n')}\n${extra}\n`)
  return broker
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch (_) {
    return false // Not yet.
  } finally {
    socket.destroy()
  }
}
