import { setTimeout as sleep } from 'node:timers/promises'

/**
 * One way to read something of this machine. It never runs twice at once: who asks meanwhile shares the answer, and a read that hangs
 * (a dead disk, a process stuck in a driver) holds one thread of the pool and no more, however often it is asked for.
 */
export class Reading<Value> {
  readonly #read: () => Promise<Value>
  readonly #limitMs: number
  #running: Promise<Value | null> | null = null

  constructor(read: () => Promise<Value>, limitMs: number) {
    this.#read = read
    this.#limitMs = limitMs
  }

  /** What is read now; null: it cannot be read, or not in time. Never rejects. */
  async now(): Promise<Value | null> {
    this.#running ??= this.#once()
    const limit = new AbortController()
    try {
      // The sleep rejects only when it has lost the race.
      return await Promise.race([this.#running, sleep(this.#limitMs, null, { signal: limit.signal })])
    } finally {
      limit.abort()
    }
  }

  async #once(): Promise<Value | null> {
    try {
      return await this.#read()
    } catch (_) {
      return null // Unknown, as the caller is told: a machine without such a file is no fault.
    } finally {
      this.#running = null
    }
  }
}
