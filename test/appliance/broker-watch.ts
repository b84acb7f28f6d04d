import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from '../support/eventually.ts'
import type { Machine } from './machine.ts'

export interface Heard {
  readonly topic: string
  readonly payload: string
  readonly retained: boolean
  /** Of performance.now(). */
  readonly atMs: number
}

/** What matters here of `<stream>/state`. */
export interface DoorState {
  readonly ts: number
  readonly count: number | null
  readonly quality: string
  readonly reason: string | null
}

/** Everything the broker in a machine says, by Debian's own mosquitto_sub; comes back when the broker does, but not when the machine does. */
export class BrokerWatch implements AsyncDisposable {
  readonly heard: Heard[] = []
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
    let rest = ''
    process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#take(line)
    })
  }

  /** The broker has to be there. */
  static async open(machine: Machine): Promise<BrokerWatch> {
    const leader = String(await machine.leader())
    const sub = ['mosquitto_sub', '-h', '127.0.0.1', '-F', '%r %t %p', '-t', 'headcount/#', '-t', 'homeassistant/#']
    return new BrokerWatch(spawn('nsenter', ['--target', leader, '--all', ...sub], { stdio: ['ignore', 'pipe', 'inherit'] }))
  }

  #take(line: string): void {
    const [, retained, topic = '', payload = ''] = /^([01]) (\S+) (.*)$/s.exec(line) ?? []
    this.heard.push({ topic, payload, retained: retained === '1', atMs: performance.now() })
  }

  /** Waits for a message after `fromMs` that fits; `suffix` is what stands below prefix and node. */
  async until(suffix: string, fits: (payload: string) => boolean, { fromMs = 0, withinMs = 60_000 } = {}): Promise<Heard> {
    const about = () => this.heard.filter(({ topic, atMs }) => topic.endsWith(`/${suffix}`) && atMs >= fromMs)
    return eventually(() => about().find(({ payload }) => fits(payload)), {
      what: `${suffix} says what is wanted`,
      withinMs,
      log: () =>
        `it said: ${about()
          .map(({ payload }) => payload)
          .slice(-5)
          .join(' | ')}`,
    })
  }

  /** Waits until the stream `door` counts `count` people, and says so itself: a state that is live and younger than `sinceTs` (wall time). */
  async untilCounted(count: number | null, { sinceTs = 0, withinMs = 60_000 } = {}): Promise<DoorState> {
    const wanted = ({ ts, quality, count: told }: DoorState) =>
      ts >= sinceTs && quality === 'live' && (count === null ? told !== null : told === count)
    const { payload } = await this.until('door/state', (text) => wanted(JSON.parse(text) as DoorState), { withinMs })
    return JSON.parse(payload) as DoorState
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGKILL')
    await once(this.#process, 'exit')
  }
}
