import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createDoorbells, createRing, type Doorbells, openDoorbells, openRing, type Ring, type RingGeometry } from 'hailort-node/ring'
import { ringBytes } from './layout.ts'
import { ringFailure } from './ring-failure.ts'

/** Waiters of one agent: its engines, its viewers, its renders. */
const DOORBELLS = 256

/** The part of RuntimeFolder that is needed here. */
export interface RingPlace {
  readonly ringsPath: string
  readonly doorbellsPath: string
}

/** Makes and removes the shared files of one agent, and holds its doorbells. */
export class RingFiles {
  readonly doorbells: Doorbells
  readonly #place: RingPlace
  readonly #lastNumbers = new Map<string, number>()
  readonly #open = new Set<RingFile>()
  /** Index 0 is nobody's: a ring that was told nothing rings it. */
  #nextDoorbell = 1

  private constructor(place: RingPlace, doorbells: Doorbells) {
    this.#place = place
    this.doorbells = doorbells
  }

  /** Makes the doorbells of a folder that has none yet. Throws RING_NO_SPACE or RING_FAILED. */
  static open(place: RingPlace): RingFiles {
    const path = place.doorbellsPath
    const doorbells = tried({ doing: 'create the doorbells', path, sizeBytes: DOORBELLS * 4 }, () => {
      createDoorbells(path, DOORBELLS)
      return openDoorbells(path)
    })
    return new RingFiles(place, doorbells)
  }

  /** The index of a doorbell for one more waiter of this agent. */
  takeDoorbell(): number {
    if (this.#nextDoorbell >= this.doorbells.count) throw new Error(`all ${this.doorbells.count} doorbells are taken`)
    return this.#nextDoorbell++
  }

  /** Makes `<stream>.<n>.ring` with the next n, all its memory reserved, and maps it. Throws RING_NO_SPACE or RING_FAILED. */
  create(stream: string, geometry: RingGeometry): RingFile {
    if (!/^[a-z0-9_-]+$/.test(stream)) throw new TypeError(`"${stream}" cannot be part of a file name`)
    const number = (this.#lastNumbers.get(stream) ?? 0) + 1
    this.#lastNumbers.set(stream, number)
    const path = join(this.#place.ringsPath, `${stream}.${number}.ring`)
    const ring = tried({ doing: `create the ring of stream "${stream}"`, path, sizeBytes: ringBytes(geometry) }, () => {
      createRing(path, geometry)
      return openRing(path)
    })
    ring.useDoorbells(this.doorbells)
    const file = new RingFile(ring, () => this.#open.delete(file))
    this.#open.add(file)
    return file
  }

  /** Removes every ring that is still there. */
  [Symbol.dispose](): void {
    for (const file of this.#open) file[Symbol.dispose]()
    this.doorbells.close()
    rmSync(this.#place.doorbellsPath, { force: true })
  }
}

/** One ring file and our mapping of it. */
export class RingFile {
  readonly ring: Ring
  readonly path: string
  readonly #onRemove: () => void

  constructor(ring: Ring, onRemove: () => void) {
    this.ring = ring
    this.path = ring.path
    this.#onRemove = onRemove
  }

  /** Removes the file and closes our mapping; who else has it mapped keeps its memory until it closes too. */
  [Symbol.dispose](): void {
    rmSync(this.path, { force: true })
    this.ring.close()
    this.#onRemove()
  }
}

function tried<Made>(attempt: { doing: string; path: string; sizeBytes: number }, make: () => Made): Made {
  try {
    return make()
  } catch (error) {
    throw ringFailure(error, attempt)
  }
}
