import { createHash, randomBytes } from 'node:crypto'
import { type Held, HeldConnections } from './held-connections.ts'

const SESSION_MS = 30 * 24 * 3_600_000
const MOST_SESSIONS = 200

/** How long a session lasts, for the cookie. */
export const SESSION_SECONDS = SESSION_MS / 1_000

/**
 * Sessions of browsers that logged in, and the connections that each has opened: they end with it. In memory only: a restart of the agent
 * asks for the token again. Time is passed in.
 */
export class Sessions {
  // Keyed by a hash, so that a lookup's timing tells nothing about an id. In the order of opening.
  readonly #endMs = new Map<string, number>()
  readonly #held = new HeldConnections()

  /** A new random id: never the token, since every service on the host receives its cookies. The oldest session gives way when there are too many. */
  open(nowMs: number): string {
    const id = randomBytes(32).toString('base64url')
    for (const oldest of this.#endMs.keys()) {
      if (this.#endMs.size < MOST_SESSIONS) break
      this.#forget(oldest)
    }
    this.#endMs.set(keyOf(id), nowMs + SESSION_MS)
    return id
  }

  has(id: string, nowMs: number): boolean {
    const key = keyOf(id)
    const endMs = this.#endMs.get(key)
    if (endMs === undefined) return false
    if (nowMs < endMs) return true
    this.#forget(key)
    return false
  }

  /** Ends this connection when the session is over. */
  hold(id: string, connection: Held): void {
    this.#held.hold(keyOf(id), connection)
  }

  /** `spared` is the connection on which the end was asked for. */
  close(id: string, spared?: Held): void {
    this.#forget(keyOf(id), spared)
  }

  #forget(key: string, spared?: Held): void {
    this.#endMs.delete(key)
    this.#held.end(key, spared)
  }
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64')
}
