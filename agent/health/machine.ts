import { availableParallelism } from 'node:os'
import { type DiskFacts, diskFacts } from './disk-facts.ts'
import { Reading } from './reading.ts'
import { systemFacts } from './system-facts.ts'
import { type Temperatures, temperatures } from './temperatures.ts'

/** How the machine does. null: not known now. */
export interface MachineFacts {
  readonly cores: number
  /** 0–1 of all cores, since the last time it was asked. */
  readonly cpuLoad: number | null
  readonly memoryTotalBytes: number | null
  readonly memoryAvailableBytes: number | null
  readonly temperatures: Temperatures | null
  /** Where the state folder lies. */
  readonly stateDisk: DiskFacts | null
  /** Where the rings lie: memory. */
  readonly ringDisk: DiskFacts | null
}

export interface MachineFolders {
  readonly stateDir: string
  readonly runtimeDir: string
}

const LIMIT_MS = 1_000

/** Asks the machine how it does; starts no process. */
export class Machine {
  readonly #system = new Reading(systemFacts, LIMIT_MS)
  readonly #temperatures = new Reading(() => temperatures(), LIMIT_MS)
  readonly #stateDisk: Reading<DiskFacts>
  readonly #ringDisk: Reading<DiskFacts>

  constructor({ stateDir, runtimeDir }: MachineFolders) {
    this.#stateDisk = new Reading(() => diskFacts(stateDir), LIMIT_MS)
    this.#ringDisk = new Reading(() => diskFacts(runtimeDir), LIMIT_MS)
  }

  /** Within a second, whatever hangs. */
  async now(): Promise<MachineFacts> {
    const [system, celsius, stateDisk, ringDisk] = await Promise.all([
      this.#system.now(),
      this.#temperatures.now(),
      this.#stateDisk.now(),
      this.#ringDisk.now(),
    ])
    return {
      cores: availableParallelism(),
      cpuLoad: system?.cpuLoad ?? null,
      memoryTotalBytes: system?.memoryTotalBytes ?? null,
      memoryAvailableBytes: system?.memoryAvailableBytes ?? null,
      temperatures: celsius,
      stateDisk,
      ringDisk,
    }
  }
}
