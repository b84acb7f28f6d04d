import { FuzzedAgent } from './fuzz-agent.ts'
import { exchange, type FuzzAnswer } from './fuzz-client.ts'
import { Dice } from './fuzz-dice.ts'
import { type Fuzzer, type FuzzOutcome, fuzz, fuzzSeed, outcomeRows } from './fuzz-outcome.ts'
import { type FuzzRequest, fuzzRequest } from './fuzz-requests.ts'
import { documentedCodes } from './fuzz-watch.ts'
import type { BenchRow } from './row.ts'

const REQUESTS = 100_000
const LANES = 8
const TIDY_EVERY = 500
/** Of what is longer the server may not read the end: its answer can be lost with the connection. */
const READ_BYTES = 16_000

/** Random requests against a running agent: nothing may fall over, hang, grow, or answer what README does not say. */
export async function benchFuzzHttp(): Promise<BenchRow[]> {
  return outcomeRows('fuzz.http', await fuzzHttp(REQUESTS, fuzzSeed()))
}

export async function fuzzHttp(requests: number, seed: number): Promise<FuzzOutcome> {
  await using fuzzed = await FuzzedAgent.start()
  return await fuzz(fuzzed, new HttpFuzzer(fuzzed, new Dice(seed)), requests)
}

class HttpFuzzer implements Fuzzer {
  readonly faults: string[] = []
  readonly answers: Record<string, number> = {}
  readonly #fuzzed: FuzzedAgent
  readonly #dice: Dice
  readonly #unavailable = documentedCodes(503)

  constructor(fuzzed: FuzzedAgent, dice: Dice) {
    this.#fuzzed = fuzzed
    this.#dice = dice
  }

  async send(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += TIDY_EVERY) {
      let left = Math.min(TIDY_EVERY, count - sent)
      const lane = async () => {
        while (left-- > 0) await this.#one()
      }
      await Promise.all(Array.from({ length: LANES }, lane))
      await this.#fuzzed.tidy()
    }
  }

  async #one(): Promise<void> {
    const { token, url } = this.#fuzzed.agent
    const target = { token, port: Number(new URL(url).port) }
    const request = fuzzRequest(this.#dice, target)
    const from = `127.0.${this.#dice.whole(1, 9)}.${this.#dice.whole(1, 250)}`
    this.#judge(request, await exchange(target, request, from))
  }

  #judge({ about, answered, bytes }: FuzzRequest, { statuses, body, hung }: FuzzAnswer): void {
    for (const status of statuses.length > 0 ? statuses : ['none']) this.answers[status] = (this.answers[status] ?? 0) + 1
    if (hung) this.faults.push(`no answer: ${about}`)
    else if (answered && statuses.length === 0 && bytes.length <= READ_BYTES) this.faults.push(`closed without an answer: ${about}`)
    for (const status of statuses) {
      if (status >= 500 && !this.#isDocumented(status, body, about)) this.faults.push(`${status} ${body.slice(0, 200)}: ${about}`)
    }
  }

  #isDocumented(status: number, body: string, about: string): boolean {
    // An answer to HEAD tells no code.
    if (about.startsWith('HEAD ')) return status === 503
    const code = /"code":"([A-Z_]+)"/.exec(body)?.[1]
    if (status !== 503) return false
    return code === undefined ? body.includes('"status":"starting"') : this.#unavailable.test(code)
  }
}
