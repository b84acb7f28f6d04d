import type { Fault } from '../errors.ts'
import { Backlog, type Unnumbered } from './backlog.ts'
import { crossingId } from './crossing-id.ts'
import { unwritableFault } from './history-fault.ts'
import type { Found, Outcome } from './keeper.ts'
import type { HistoryOrder, Requests, RequestType } from './messages.ts'
import { Outbox } from './outbox.ts'
import type { Crossing } from './records.ts'
import { Tally } from './tally.ts'
import { HistoryThread } from './thread.ts'

const OPEN_MS = 2_000
/** A disk that takes longer for a commit is a fault: counts are not held up for it. */
const STUCK_MS = 5_000
const RETRY_MS = 5_000

interface Listener {
  changed(fault: Fault | null): void
  left(fault: Fault): void
}

/**
 * The order of things between memory and file: an entry counts when it is stored, or when it is certain that it cannot be for now;
 * then it waits in the backlog, and the file gets it when it can.
 */
export class Journal implements AsyncDisposable {
  readonly run: string
  readonly #listener: Listener
  readonly #thread: HistoryThread
  readonly #backlog: Backlog
  readonly #outbox = new Outbox()
  readonly #folder: string
  #waiting: { readonly n: number; readonly resolve: () => void }[] = []
  /** Entries up to here are in the tally, as soon as there is one. */
  #countedTo = 0
  #pumping = false
  #stuck = false
  #closed = false
  #retry: NodeJS.Timeout | undefined
  /** What has been counted; null while the file's own totals are not known. */
  tally: Tally | null = null
  fault: Fault | null = null

  constructor(order: HistoryOrder, listener: Listener, backlog = new Backlog()) {
    this.run = order.run
    this.#folder = order.folder
    this.#listener = listener
    this.#backlog = backlog
    this.#thread = new HistoryThread(order, { found: (found) => this.#found(found), left: (fault) => listener.left(fault) })
  }

  get deliveredTo(): number {
    return this.#outbox.deliveredTo
  }

  /** Returns when the file is open, cannot be opened, or makes us wait too long. */
  async opened(): Promise<void> {
    await this.#unlessStuck(this.ask('open', {}), OPEN_MS)
  }

  /** Resolves when the entries count; their numbers. */
  async write(entries: readonly Unnumbered[]): Promise<number[]> {
    const numbers = this.#backlog.add(entries).map(({ n }) => n)
    const last = numbers.at(-1)
    if (last === undefined) return numbers
    const counted = new Promise<void>((resolve) => this.#waiting.push({ n: last, resolve }))
    if (this.fault === null) void this.#pump()
    else this.#countWithoutFile()
    await counted
    return numbers
  }

  async undelivered(limit: number, after: string | null): Promise<Crossing[]> {
    const rows = this.#stuck ? [] : await this.#undeliveredRows(limit, after)
    if (rows.length === limit || this.fault === null) return rows
    // What is in memory only is told all the same: it may never be stored.
    const afterN = rows.length === 0 && after !== null ? (this.#numberOf(after) ?? 0) : 0
    const known = new Set(rows.map(({ id }) => id))
    const inMemory = this.#backlog
      .undelivered(afterN, limit)
      .map(({ n, crossing }) => ({ ...crossing, id: crossingId(this.run, n) }))
      .filter(({ id }) => !known.has(id))
    return [...rows, ...inMemory].slice(0, limit)
  }

  delivered(id: string): void {
    if (this.#outbox.acknowledge(id)) return
    const n = this.#numberOf(id)
    if (n !== null) this.#backlog.delivered(n)
  }

  /** Asks the thread. What fails is the fault from now on; what could be written ends it. */
  async ask<Type extends RequestType>(type: Type, ask: Requests[Type]['ask']): Promise<Outcome<Requests[Type]['answer']>> {
    const outcome = await this.#thread.ask(type, ask)
    if (outcome.fault) this.#failed(outcome.fault)
    else if (type === 'apply' || type === 'batch' || type === 'open') this.#works()
    return outcome
  }

  /** Lets the thread write what it can still write, and ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    if (this.#backlog.size > 0 && !this.#pumping) void this.#pump()
    await this.#thread[Symbol.asyncDispose]()
    for (const { resolve } of this.#waiting.splice(0)) resolve()
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#backlog.size > 0) {
      const applied = this.ask('apply', { entries: this.#backlog.next(), deliveredTo: this.deliveredTo })
      await this.#unlessStuck(applied, STUCK_MS)
      const outcome = await applied
      if (outcome.fault) break
      this.#stored(outcome.value)
    }
    this.#pumping = false
  }

  #stored({ upTo, placed }: Requests['apply']['answer']): void {
    this.#count(upTo)
    const delivered = this.#backlog.stored(upTo)
    for (const { n, place } of placed) {
      const id = crossingId(this.run, n)
      this.#outbox.handedOut(id, place)
      if (delivered.has(n)) this.#outbox.acknowledge(id)
    }
  }

  /** The totals that the file had come before everything of this run. */
  #found(found: Found): void {
    this.tally = new Tally(found)
    this.#outbox.firstLeft(found.deliveredTo + 1)
    for (const entry of this.#backlog.between(0, this.#countedTo)) this.tally.apply(entry)
  }

  #count(upTo: number): void {
    for (const entry of this.#backlog.between(this.#countedTo, upTo)) this.tally?.apply(entry)
    this.#countedTo = Math.max(this.#countedTo, upTo)
    const ready = this.#waiting.filter(({ n }) => n <= this.#countedTo)
    this.#waiting = this.#waiting.filter(({ n }) => n > this.#countedTo)
    for (const { resolve } of ready) resolve()
  }

  #countWithoutFile(): void {
    this.#count(this.#backlog.newest)
    this.#backlog.bound()
  }

  #failed(fault: Fault): void {
    const isNews = fault.message !== this.fault?.message
    this.fault = fault
    this.#countWithoutFile()
    if (isNews) this.#listener.changed(fault)
    if (this.#closed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#tryAgain(), RETRY_MS).unref()
  }

  #works(): void {
    if (this.fault === null) return
    this.fault = null
    clearTimeout(this.#retry)
    this.#listener.changed(null)
    if (!this.#closed) void this.#pump()
  }

  async #tryAgain(): Promise<void> {
    if (this.#pumping) return
    if (this.#backlog.size > 0) await this.#pump()
    else await this.ask('batch', { minutes: [], deliveredTo: this.deliveredTo })
  }

  async #undeliveredRows(limit: number, after: string | null): Promise<Crossing[]> {
    const rows: Crossing[] = []
    let place = (after === null ? undefined : this.#outbox.placeOf(after)) ?? this.deliveredTo
    while (rows.length < limit) {
      const { value } = { value: [], ...(await this.ask('crossingsAfter', { place, limit })) }
      const first = value[0]
      if (first && place === this.deliveredTo) this.#outbox.firstLeft(first.place)
      for (const { place: at, ...crossing } of value) {
        place = at
        if (rows.length === limit || this.#outbox.isAcknowledged(at)) continue
        this.#outbox.handedOut(crossing.id, at)
        rows.push(crossing)
      }
      if (value.length < limit) break
    }
    return rows
  }

  async #unlessStuck(asked: Promise<unknown>, ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#stuck = true
        this.#failed(unwritableFault(this.#folder, `the disk has not answered for ${ms / 1000} s`))
        resolve()
      }, ms)
    })
    const answered = asked.then(() => {
      clearTimeout(timer)
      this.#stuck = false
    })
    await Promise.race([answered, late])
  }

  #numberOf(id: string): number | null {
    return id.startsWith(`${this.run}-`) ? Number(id.slice(this.run.length + 1)) : null
  }
}
