import { connectAsync, type MqttClient } from 'mqtt'
import { eventually } from '../support/eventually.ts'
import { FuzzedAgent } from './fuzz-agent.ts'
import { fuzzCommand } from './fuzz-commands.ts'
import { Dice } from './fuzz-dice.ts'
import { type Fuzzer, type FuzzOutcome, fuzz, fuzzSeed, outcomeRows } from './fuzz-outcome.ts'
import type { BenchRow } from './row.ts'

const COMMANDS = 100_000
/** Fewer than the agent lets wait, so that each is looked at. */
const AT_A_TIME = 12
const TIDY_EVERY = 1_200
/** Streams start and stop, one after the other. */
const ANSWERED_WITHIN_MS = 60_000
const COMMAND = 'headcount/fuzz/command'

/** Random commands through a real broker: each gets one answer, and nothing falls over, hangs or grows. */
export async function benchFuzzMqtt(): Promise<BenchRow[]> {
  return outcomeRows('fuzz.mqtt', await fuzzMqtt(COMMANDS, fuzzSeed()))
}

export async function fuzzMqtt(commands: number, seed: number): Promise<FuzzOutcome> {
  await using fuzzed = await FuzzedAgent.start()
  const client = await connectAsync(fuzzed.broker.url)
  try {
    const fuzzer = new MqttFuzzer(fuzzed, client, new Dice(seed))
    await client.subscribeAsync(`${COMMAND}/result`, { qos: 1 })
    const outcome = await fuzz(fuzzed, fuzzer, commands)
    // What was retained would come again at every connection.
    await client.publishAsync(COMMAND, '', { qos: 1, retain: true })
    return outcome
  } finally {
    await client.endAsync(true)
  }
}

class MqttFuzzer implements Fuzzer {
  readonly faults: string[] = []
  readonly answers: Record<string, number> = {}
  readonly #fuzzed: FuzzedAgent
  readonly #client: MqttClient
  readonly #dice: Dice
  #sent = 0
  #answered = 0

  constructor(fuzzed: FuzzedAgent, client: MqttClient, dice: Dice) {
    this.#fuzzed = fuzzed
    this.#client = client
    this.#dice = dice
    client.on('message', (_topic, payload) => this.#hear(String(payload)))
  }

  async send(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += TIDY_EVERY) {
      for (let left = Math.min(TIDY_EVERY, count - sent); left > 0; left -= AT_A_TIME) await this.#batch(Math.min(AT_A_TIME, left))
      await this.#fuzzed.tidy()
    }
  }

  async #batch(count: number): Promise<void> {
    const commands = Array.from({ length: count }, () => fuzzCommand(this.#dice))
    this.#sent += count
    await Promise.all(commands.map(({ payload, retain }) => this.#client.publishAsync(COMMAND, payload, { qos: 1, retain })))
    await eventually(() => this.#answered >= this.#sent, {
      what: `${this.#sent} commands are answered (${this.#answered} are)`,
      withinMs: ANSWERED_WITHIN_MS,
      everyMs: 2,
      log: () => commands.map(({ payload }) => String(payload).slice(0, 200)).join('\n') + this.#fuzzed.agent.log.slice(-3_000),
    })
  }

  #hear(text: string): void {
    this.#answered++
    const { ok, code } = JSON.parse(text) as { ok: boolean; code?: string }
    const answer = ok ? 'ok' : (code ?? 'no code')
    this.answers[answer] = (this.answers[answer] ?? 0) + 1
    if (this.#answered > this.#sent) this.faults.push(`an answer that nobody asked for: ${text}`)
    if (answer === 'INTERNAL' || answer === 'no code') this.faults.push(text)
  }
}
