import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Fault } from '../errors.ts'
import type { Found, Outcome } from './keeper.ts'
import type { HistoryAnswer, HistoryOrder, HistoryRequest, Requests, RequestType } from './messages.ts'

/** SQLite's rows pass through; nothing of size stays. */
const OLD_HEAP_MB = 64
const YOUNG_HEAP_MB = 2
const CLOSE_MS = 2_000

interface Listener {
  found(found: Found): void
  left(fault: Fault): void
}

/** The history's thread as a resource: questions are answered in the order in which they were asked. */
export class HistoryThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #asked = new Map<number, (outcome: Outcome<never>) => void>()
  #id = 0

  /** A bug in the thread is not caught here: it ends the process as one of ours would. */
  constructor(order: HistoryOrder, listener: Listener) {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: order,
      name: 'history',
      resourceLimits: { maxOldGenerationSizeMb: OLD_HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    })
    this.#worker.on('message', (answer: HistoryAnswer) => {
      if (answer.type === 'found') listener.found(answer.found)
      else if (answer.type === 'left') listener.left(answer.fault)
      else this.#settle(answer.id, answer.outcome as Outcome<never>)
    })
  }

  /** Questions that wait for the disk. */
  get waiting(): number {
    return this.#asked.size
  }

  ask<Type extends RequestType>(type: Type, ask: Requests[Type]['ask']): Promise<Outcome<Requests[Type]['answer']>> {
    const id = ++this.#id
    const answered = new Promise<Outcome<Requests[Type]['answer']>>((resolve) => this.#asked.set(id, resolve))
    this.#post({ ...ask, type, id } as HistoryRequest)
    return answered
  }

  /** Lets what is under way be done, then closes the file; a disk that hangs is left after two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#worker, 'exit')
    this.#post({ type: 'close' })
    await Promise.race([ended, sleep(CLOSE_MS)])
    // A thread inside a call of the kernel's cannot be ended either.
    await Promise.race([this.#worker.terminate(), sleep(CLOSE_MS)])
  }

  #settle(id: number, outcome: Outcome<never>): void {
    this.#asked.get(id)?.(outcome)
    this.#asked.delete(id)
  }

  #post(request: HistoryRequest): void {
    this.#worker.postMessage(request)
  }
}
