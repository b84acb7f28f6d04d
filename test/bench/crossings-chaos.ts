import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Broker, startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { type MqttRecorder, recordMqtt } from '../support/mqtt-recorder.ts'
import { randomFrom } from '../tracking/random.ts'
import { type CrossingsAccount, reckon, rowsIn } from './crossings-account.ts'
import type { CrossingsOrder } from './crossings-child.ts'
import { AREA, LINES, STREAMS } from './crossings-feed.ts'
import { Gate } from './crossings-gate.ts'
import { type Subscriber, subscribe } from './crossings-subscriber.ts'

export interface ChaosOrder {
  readonly crossings: number
  /** At most so many a second; what is killed or catches up is slower. */
  readonly perSecond: number
  readonly kills: number
  readonly restarts: number
  readonly seed: number
}

export interface ChaosOutcome extends CrossingsAccount {
  readonly kills: number
  readonly restarts: number
  readonly seconds: number
}

/**
 * How a broker goes. `ends`: as a service is restarted, it keeps everything. `killed`: it has what it saved last, up to a second ago.
 * `wiped`: killed, and its store is lost.
 */
const ENDS = ['ends', 'killed', 'wiped'] as const

/** So long nothing new may come before what is still missing counts as lost. */
const SILENCE_MS = 30_000
const START_MS = 60_000
/** Some kills come before the process has begun to work. */
const EARLY_SHARE = 0.2
/** Messages go to the subscriber's socket before the sender gets its PUBACK; with a limit some would wait in the memory of a broker that dies. */
const UNLIMITED = 'max_inflight_messages 0\nmax_queued_messages 0\nautosave_interval 1'

/** Crossings by number, through a counting process that is killed and a broker that is restarted all the time, and what came of them. */
export async function crossingsChaos(order: ChaosOrder): Promise<ChaosOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-crossings-'))
  try {
    await using broker = await startBroker({ persistent: true, extra: UNLIMITED })
    await using gate = await Gate.before(broker.port)
    await using subscriber = await subscribe(broker.url, 'headcount/bench/+/event')
    const startedMs = performance.now()
    await using chaos = new Chaos(order, { folder, broker, gate, subscriber })
    await chaos.run()
    const seconds = (performance.now() - startedMs) / 1_000
    await using told = await recordMqtt(broker.url, 'headcount/bench')
    const retained = await retainedTotals(told)
    await chaos[Symbol.asyncDispose]()
    const kept = rowsIn(folder)
    return { ...reckon({ ...order, baseMs: chaos.baseMs }, { kept, heard: subscriber.heard, retained }), ...chaos.done, seconds }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Parts {
  readonly folder: string
  readonly broker: Broker
  readonly gate: Gate
  readonly subscriber: Subscriber
}

class Chaos implements AsyncDisposable {
  readonly #order: ChaosOrder
  readonly #parts: Parts
  readonly #random: () => number
  readonly baseMs = Date.now() - 3_600_000
  readonly done = { kills: 0, restarts: 0 }
  #child: ChildProcess | null = null
  #lives = 0
  #committed = 0

  constructor(order: ChaosOrder, parts: Parts) {
    this.#order = order
    this.#parts = parts
    this.#random = randomFrom(order.seed)
  }

  /** Until every crossing is committed, everything that was planned has happened, and the subscriber has what it can get. */
  async run(): Promise<void> {
    const { crossings, kills, restarts } = this.#order
    const { gate } = this.#parts
    gate.open()
    this.#start()
    await Promise.all([this.#atMoments(kills, () => this.#kill()), this.#atMoments(restarts, () => this.#restart())])
    await eventually(() => this.#committed >= crossings, { what: 'all crossings are committed', withinMs: 600_000, everyMs: 50 })
    await this.#delivered()
  }

  /** Ends the counting process, which lets go of the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await kill(this.#child)
  }

  /** Does something so many times, when random numbers of crossings are committed. */
  async #atMoments(times: number, act: () => Promise<void>): Promise<void> {
    const moments = Array.from({ length: times }, () => this.#random() * 0.98 * this.#order.crossings).sort((a, b) => a - b)
    for (const moment of moments) {
      await eventually(() => this.#committed >= moment, { what: `${moment} crossings are committed`, withinMs: 600_000, everyMs: 1 })
      await sleep(this.#random() * 30)
      await act()
    }
  }

  #start(): void {
    const { folder, gate } = this.#parts
    const { crossings, perSecond } = this.#order
    const order: CrossingsOrder = {
      folder,
      url: `mqtt://127.0.0.1:${gate.port}`,
      mqttVersion: this.#lives++ % 2 === 0 ? 5 : 4,
      crossings,
      perSecond,
      baseMs: this.baseMs,
    }
    const child = spawn(process.execPath, [fileURLToPath(new URL('./crossings-child.js', import.meta.url)), JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    createInterface(child.stdout).on('line', (line) => {
      if (/^\d+$/.test(line)) this.#committed = Math.max(this.#committed, Number(line))
    })
  }

  async #kill(): Promise<void> {
    await kill(this.#child)
    this.done.kills++
    this.#start()
    if (this.#random() < EARLY_SHARE) await sleep(this.#random() * 500)
    else await this.#working()
  }

  /** The newest life has said how far it is. */
  async #working(): Promise<void> {
    const output = this.#child?.stdout
    if (output) await once(output, 'data', { signal: AbortSignal.timeout(START_MS) })
  }

  async #restart(): Promise<void> {
    const { broker, gate, subscriber } = this.#parts
    const how = ENDS[Math.floor(this.#random() * ENDS.length)] ?? 'ends'
    const before = subscriber.subscriptions
    await broker.stop(how === 'ends' ? 'SIGTERM' : 'SIGKILL')
    // A broker that has forgotten who listens takes events and gives them to nobody: the sender must find it after the subscriber has.
    if (how !== 'ends') gate.shut()
    if (how === 'wiped') await rm(join(broker.dir, 'mosquitto.db'), { force: true })
    await sleep(this.#random() * 1_500)
    await broker.start()
    await eventually(() => subscriber.subscriptions > before, { what: 'the subscriber is back', withinMs: START_MS, everyMs: 5 })
    gate.open()
    this.done.restarts++
  }

  async #delivered(): Promise<void> {
    const { heard } = this.#parts.subscriber
    let [known, sinceMs] = [0, performance.now()]
    while (performance.now() - sinceMs < SILENCE_MS) {
      const now = new Set(heard.map(({ id }) => id)).size
      if (now >= this.#order.crossings) return
      if (now > known) sinceMs = performance.now()
      known = now
      await sleep(100)
    }
  }
}

/** The last words of lines and area, by `stream/line/way` and the area's name; waits until they stand still. */
async function retainedTotals(told: MqttRecorder): Promise<ReadonlyMap<string, string | undefined>> {
  const topics = [
    ...STREAMS.flatMap((stream) =>
      LINES.flatMap((line) => ['in', 'out'].map((way) => [`${stream}/${line}/${way}`, `${stream}/line/${line}/${way}`])),
    ),
    [AREA.id, `area/${AREA.id}/inside`],
  ] as [string, string][]
  const read = () => topics.map(([key, topic]) => [key, told.last(`headcount/bench/${topic}`)] as const)
  for (let [before, same] = ['', 0]; same < 10; await sleep(100)) {
    const now = JSON.stringify(read())
    same = now === before ? same + 1 : 0
    before = now
  }
  return new Map(read())
}

async function kill(child: ChildProcess | null): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
