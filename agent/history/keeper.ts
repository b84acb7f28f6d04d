import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Fault } from '../errors.ts'
import { brokenFault, unwritableFault } from './history-fault.ts'
import type { Entry, Snapshot } from './records.ts'
import { MOST_TAKEN, salvage } from './salvage.ts'
import { type Applied, type Heritage, type PlacedCrossing, Store } from './store.ts'
import { storeFault } from './store-fault.ts'
import { Tally } from './tally.ts'

const FILE = 'history.sqlite'
/** Broken files of one run that are set aside; a card that breaks each of them must not be filled with them. */
const MOST_BROKEN = 10

/** What came of work with the file. */
export type Outcome<T> = { readonly value: T; readonly fault?: undefined } | { readonly fault: Fault }

/** What was there when the file was first opened. */
export interface Found extends Snapshot {
  readonly deliveredTo: number
}

export interface KeeperOptions {
  readonly folder: string
  readonly run: string
  /** Told of each file that had to be left behind. */
  readonly tell: (fault: Fault) => void
  /** Told once, when a file could be opened for the first time. */
  readonly found: (found: Found) => void
}

/**
 * Keeps one history file usable: opens it when it is needed, again after a fault, and begins a new one with the same totals when
 * it broke or was taken away. Lives in the history's thread; all calls block.
 */
export class Keeper {
  readonly #options: KeeperOptions
  readonly #path: string
  #store: Store | null = null
  /** Device and inode of the file, while one of ours should lie there. */
  #identity: string | null = null
  /** What is stored; null until a file could be read. */
  #tally: Tally | null = null
  /** Entries up to here are in the tally: what is sent again after a fault must not be added again. */
  #tallied = 0
  #brokenFiles = 0
  #deliveredTo = 0
  #nextPlace = 1
  /** Of a file that is gone, for the next one. */
  #undelivered: readonly PlacedCrossing[] = []

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#path = join(options.folder, FILE)
  }

  /** Does work with the open file. A fault that is foreseen is an outcome, and the file is closed; anything else is thrown. */
  with<T>(work: (store: Store) => T): Outcome<T> {
    // A file that breaks is replaced once; the new one breaking as well is a fault of the disk.
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.#store) this.#checkPlace(this.#store)
        this.#store ??= this.#open()
        return { value: work(this.#store) }
      } catch (error) {
        const failed = storeFault(error, this.#path)
        if (failed === null) throw error
        if (!failed.broken) return this.#giveUp(failed.fault)
        if (attempt === 2 || this.#brokenFiles === MOST_BROKEN)
          return this.#giveUp(unwritableFault(this.#path, 'each new file breaks again'))
        if (!this.#setAside(failed.fault)) return this.#giveUp(unwritableFault(this.#path, 'it is broken and cannot be set aside'))
        this.#brokenFiles++
      }
    }
  }

  /** Like `with`, for entries and how far the broker is: what was stored is remembered for a file that may have to follow. */
  apply(entries: readonly Entry[], deliveredTo: number): Outcome<Applied> {
    this.delivered(deliveredTo)
    return this.with((store) => {
      const applied = store.apply(entries, deliveredTo)
      for (const entry of entries) if (entry.n > this.#tallied) this.#tally?.apply(entry)
      this.#tallied = applied.upTo
      this.#nextPlace = store.nextPlace
      return applied
    })
  }

  delivered(deliveredTo: number): void {
    this.#deliveredTo = Math.max(this.#deliveredTo, deliveredTo)
  }

  close(): void {
    this.#close()
  }

  #open(): Store {
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 })
    if (this.#identity !== null && this.#identity !== identityOf(this.#path)) this.#setAside(null)
    const heritage: Heritage | null = this.#tally && {
      ...this.#tally.snapshot(),
      deliveredTo: this.#deliveredTo,
      nextPlace: this.#nextPlace,
      undelivered: this.#undelivered,
    }
    const store = Store.open(this.#path, this.#options.run, heritage)
    this.#identity = identityOf(this.#path)
    this.#undelivered = []
    this.#nextPlace = store.nextPlace
    this.#deliveredTo = Math.max(this.#deliveredTo, store.deliveredTo)
    if (this.#tally === null) this.#remember({ ...store.snapshot(), deliveredTo: store.deliveredTo })
    return store
  }

  #remember(found: Found): void {
    this.#tally = new Tally(found)
    this.#options.found(found)
  }

  /** Notices files that were taken away under us: what is written into them would be gone with us. */
  #checkPlace(store: Store): void {
    if (this.#identity === identityOf(this.#path)) {
      // Closing writes what was in the journal into the file.
      if (!existsSync(`${this.#path}-wal`)) this.#close()
      return
    }
    // What it still holds for the broker goes into the next one.
    this.#take(() => store.crossingsAfter(this.#deliveredTo, MOST_TAKEN))
    this.#close()
    this.#options.tell(brokenFault(this.#path, 'was removed or replaced while it was in use'))
  }

  /** Renames what lies at our path. False when even that is impossible. */
  #setAside(fault: Fault | null): boolean {
    if (this.#tally === null) {
      this.#close()
      const saved = salvage(this.#path)
      this.#undelivered = saved.undelivered
      this.#nextPlace = saved.nextPlace
      this.#deliveredTo = saved.deliveredTo
      this.#remember(saved)
    } else if (fault !== null && this.#store) {
      const store = this.#store
      this.#take(() => store.crossingsAfter(this.#deliveredTo, MOST_TAKEN))
    }
    this.#close()
    this.#identity = null
    const aside = freeName(`${this.#path}.broken-${new Date().toISOString().replace(/\..*|[-:]/g, '')}`)
    try {
      // The journal belongs to its file: beside a new one it would be played into that.
      for (const end of ['-wal', '-shm', '']) {
        if (existsSync(this.#path + end)) renameSync(this.#path + end, aside + end)
      }
    } catch (error) {
      if (storeFault(error, this.#path) === null) throw error
      return false
    }
    if (fault) this.#options.tell({ ...fault, message: `${fault.message} It was set aside as ${aside}.` })
    return true
  }

  #take(read: () => PlacedCrossing[]): void {
    try {
      this.#undelivered = read()
    } catch (error) {
      // A broken file may refuse this, too; its totals are in memory.
      if (!(error instanceof SqliteDatabase.SqliteError)) throw error
    }
  }

  #giveUp(fault: Fault): { readonly fault: Fault } {
    this.#close()
    return { fault }
  }

  #close(): void {
    this.#store?.close()
    this.#store = null
  }
}

function identityOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

function freeName(name: string): string {
  let free = name
  for (let count = 2; existsSync(free); count++) free = `${name}-${count}`
  return free
}
