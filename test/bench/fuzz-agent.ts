import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { overridesPath } from '../../agent/config/overrides.ts'
import { parseStream } from '../../agent/config/parse-stream.ts'
import { AgentProcess } from '../support/agent-process.ts'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { SimulatedNpu, STANDING } from '../support/simulated-npu.ts'

/** The stream that every fuzzed agent has, and that is put back when something was done to it. */
export const DOOR = {
  id: 'door',
  source: 'test',
  frame: { width: 320, height: 240, fps: 15 },
  lines: [{ id: 'gate', from: [0.5, 0], to: [0.5, 1] }],
}

/** An agent `fuzz` that counts on a simulated NPU, with a broker of its own. */
export class FuzzedAgent implements AsyncDisposable {
  readonly agent: AgentProcess
  readonly broker: Broker
  readonly #npu: SimulatedNpu
  #overrides = ''

  private constructor(npu: SimulatedNpu, broker: Broker, agent: AgentProcess) {
    this.#npu = npu
    this.broker = broker
    this.agent = agent
  }

  static async start(): Promise<FuzzedAgent> {
    const npu = await SimulatedNpu.make({ detector: { kind: 'script', frames: [STANDING] } })
    const broker = await startBroker()
    const agent = await AgentProcess.start({
      config: {
        node: 'fuzz',
        detector: { backend: 'auto' },
        mqtt: { url: broker.url },
        streams: [DOOR],
        areas: [{ id: 'shop', entrances: ['door/gate'] }],
      },
      env: npu.env,
    })
    const fuzzed = new FuzzedAgent(npu, broker, agent)
    await fuzzed.counts()
    return fuzzed
  }

  /** It does what it is there for. */
  async counts(): Promise<void> {
    let status = ''
    const counted = async () => {
      status = await (await this.agent.get('/api/camera/status')).text()
      return status.includes(`"person_count":${STANDING.length},`)
    }
    await eventually(counted, {
      what: 'the people are counted',
      withinMs: 60_000,
      log: () => `${this.agent.log.slice(-10_000)}\n${status}`,
    })
  }

  /** Removes what was added and brings back what was taken away or changed. */
  async tidy(): Promise<void> {
    const { agent } = this
    const streams = await agent.json<{ id: string; running: boolean }[]>('/api/streams')
    for (const { id } of streams) if (id !== DOOR.id) await this.#order(`/api/streams/${id}`, 'DELETE')
    const door = streams.find(({ id }) => id === DOOR.id)
    const { id, ...settings } = parseStream(DOOR)
    if (door === undefined) await this.#order('/api/streams', 'POST', DOOR)
    // Every key: a patch leaves what it does not name.
    else if (await this.#wasChanged()) await this.#order(`/api/streams/${id}`, 'PATCH', settings)
    if (door?.running === false) await this.#order(`/api/streams/${id}/start`, 'POST')
    await this.#wasChanged()
  }

  async #order(path: string, method: string, body?: object): Promise<void> {
    const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await this.agent.get(path, { method, ...json })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }

  /** Somebody has changed a stream since the last time. */
  async #wasChanged(): Promise<boolean> {
    const text = await readFile(overridesPath(join(this.agent.dir, 'state')), 'utf8').catch(() => '') // nothing was changed yet
    const changed = text !== this.#overrides
    this.#overrides = text
    return changed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]()
    await this.broker[Symbol.asyncDispose]()
    await this.#npu[Symbol.asyncDispose]()
  }
}
