/** A connection whose answer may be endless. */
export interface Held {
  once(event: 'close', gone: () => void): unknown
  destroy(): unknown
}

/** Open connections by what let them in: when that is taken back they end, however long their answer would have gone on. */
export class HeldConnections {
  readonly #open = new Map<string, Set<Held>>()

  hold(key: string, connection: Held): void {
    const held = this.#open.get(key) ?? new Set()
    this.#open.set(key, held.add(connection))
    connection.once('close', () => {
      held.delete(connection)
      if (held.size === 0) this.#open.delete(key)
    })
  }

  /** `spared` is the connection that asks for it: it still gets its answer. */
  end(key: string, spared?: Held): void {
    for (const connection of this.#open.get(key) ?? []) if (connection !== spared) connection.destroy()
  }
}
