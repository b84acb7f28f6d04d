import type { MinuteAggregate } from './records.ts'

const MINUTE_MS = 60_000
/** Longer without a word, and the count was not known in between. */
const SILENCE_MS = 10 * MINUTE_MS
/** Wall time that is this far from where the steady clock expects it was set. */
const JUMP_MS = 1_000

interface Moment {
  readonly count: number | null
  readonly wallMs: number
  readonly steadyMs: number
}

/** Turns one stream's count over time into aggregates of minutes. Pure: durations are those of the steady clock, minutes those of the wall's. */
export class MinuteMeter {
  readonly #stream: string
  #last: Moment | null = null
  #minute = Number.NaN
  #least: number | null = null
  #most: number | null = null
  #countMs = 0
  #knownMs = 0
  #unknownMs = 0

  constructor(stream: string) {
    this.#stream = stream
  }

  /** From now on the count is this, null while it is not known. To be told at least once a minute. Returns minutes that are over. */
  observe(moment: Moment): MinuteAggregate[] {
    const last = this.#last
    this.#last = moment
    if (last === null) {
      this.#begin(moment)
      return []
    }
    const done: MinuteAggregate[] = []
    const elapsedMs = Math.max(0, moment.steadyMs - last.steadyMs)
    const jumped = Math.abs(moment.wallMs - last.wallMs - elapsedMs) > JUMP_MS
    if (elapsedMs > SILENCE_MS) done.push(...this.#finish())
    else done.push(...this.#pass(last, elapsedMs))
    if (jumped || elapsedMs > SILENCE_MS) done.push(...this.#finish())
    if (Math.floor(moment.wallMs / MINUTE_MS) !== this.#minute) done.push(...this.#finish())
    this.#begin(moment)
    return done
  }

  /** The minute that is not over yet, at the end. */
  end(): MinuteAggregate[] {
    return this.#finish()
  }

  /** The count stayed as it was for so long, over as many minutes as that touches. */
  #pass(from: Moment, elapsedMs: number): MinuteAggregate[] {
    const done: MinuteAggregate[] = []
    const endMs = from.wallMs + elapsedMs
    for (let atMs = from.wallMs; atMs < endMs; ) {
      const minute = Math.floor(atMs / MINUTE_MS)
      if (minute !== this.#minute) {
        done.push(...this.#finish())
        this.#begin({ ...from, wallMs: atMs })
      }
      const untilMs = Math.min(endMs, (minute + 1) * MINUTE_MS)
      this.#stayed(from.count, untilMs - atMs)
      atMs = untilMs
    }
    return done
  }

  #stayed(count: number | null, forMs: number): void {
    if (count === null) this.#unknownMs += forMs
    else {
      this.#knownMs += forMs
      this.#countMs += count * forMs
    }
  }

  #begin({ count, wallMs }: Moment): void {
    this.#minute = Math.floor(wallMs / MINUTE_MS)
    if (count === null) return
    this.#least = Math.min(this.#least ?? count, count)
    this.#most = Math.max(this.#most ?? count, count)
  }

  #finish(): MinuteAggregate[] {
    const [knownMs, unknownMs] = [Math.round(this.#knownMs), Math.round(this.#unknownMs)]
    const known = knownMs > 0
    const done: MinuteAggregate = {
      stream: this.#stream,
      minute: this.#minute,
      least: known ? this.#least : null,
      mean: known ? this.#countMs / this.#knownMs : null,
      most: known ? this.#most : null,
      knownMs,
      unknownMs,
    }
    this.#least = null
    this.#most = null
    this.#countMs = 0
    this.#knownMs = 0
    this.#unknownMs = 0
    return knownMs + unknownMs > 0 ? [done] : []
  }
}
