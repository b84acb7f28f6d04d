import { currentLoad, mem } from 'systeminformation'

/** How the machine does, for the person who looks at it. */
export interface SystemFacts {
  /** 0–1 of all cores, since the last time it was asked. */
  readonly cpuLoad: number
  readonly memoryTotalBytes: number
  readonly memoryAvailableBytes: number
}

/** Read from /proc by systeminformation; spawns nothing on Linux. */
export async function systemFacts(): Promise<SystemFacts> {
  const [load, memory] = await Promise.all([currentLoad(), mem()])
  return { cpuLoad: load.currentLoad / 100, memoryTotalBytes: memory.total, memoryAvailableBytes: memory.available }
}
