import { readFile } from 'node:fs/promises'

/** What a process takes. null: it is gone, or does not show it. */
export interface ProcessFacts {
  /** Proportional set size: its own memory, and its share of what it has in common with others. */
  readonly memoryBytes: number | null
  /** CPU time since its start, user and system. */
  readonly cpuSeconds: number | null
}

/** The kernel counts CPU time in 1/100 s towards programs on every architecture we run on (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100

/** Reads smaps_rollup and stat of /proc; the process may end at any time, which is no fault. */
export async function processFacts(pid: number): Promise<ProcessFacts> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const [rollup, stat] = await Promise.all([read('smaps_rollup'), read('stat')])
  return { memoryBytes: pssBytes(rollup), cpuSeconds: cpuSeconds(stat) }
}

/** The `Pss:` line of smaps_rollup. */
export function pssBytes(rollup: string): number | null {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024
}

/** utime and stime of /proc/PID/stat: fields 14 and 15 of proc(5). */
export function cpuSeconds(stat: string): number | null {
  // The name, field 2, may hold blanks and brackets: count from behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : null
}
