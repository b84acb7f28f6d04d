import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in these, whatever the machine (USER_HZ, proc(5)). */
const TICKS_PER_SECOND = 100

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // that process has ended meanwhile
  }
}

/** `pid` and its living descendants. */
export function processTree(pid: number): number[] {
  const found: number[] = []
  const todo = [pid]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    let threads: string[]
    try {
      threads = readdirSync(`/proc/${next}/task`)
    } catch {
      continue // ended meanwhile
    }
    found.push(next)
    for (const thread of threads) {
      const children = read(`/proc/${next}/task/${thread}/children`).trim()
      if (children !== '') todo.push(...children.split(' ').map(Number))
    }
  }
  return found
}

/** CPU seconds (user and system) that a process has used so far; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')
  return fields === undefined ? 0 : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** CPU seconds of a process and its living descendants. */
export function treeCpuSeconds(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + cpuSeconds(each), 0)
}

/** Proportional set size in MB (10^6 bytes); 0 when it is gone. */
export function pssMb(pid: number): number {
  const line = read(`/proc/${pid}/smaps_rollup`).match(/^Pss:\s+(\d+) kB/m)
  return (Number(line?.[1] ?? 0) * 1_024) / 1e6
}

/** Anonymous memory in MB (10^6 bytes): what a leak grows; shared rings and libraries are left out. */
export function anonymousMb(pid: number): number {
  const line = read(`/proc/${pid}/smaps_rollup`).match(/^Anonymous:\s+(\d+) kB/m)
  return (Number(line?.[1] ?? 0) * 1_024) / 1e6
}

/** Bytes that a process has had written to a disk (proc(5), io: write_bytes); memory file systems do not count. 0 when it is gone. */
export function bytesWritten(pid: number): number {
  const line = read(`/proc/${pid}/io`).match(/^write_bytes: (\d+)/m)
  return Number(line?.[1] ?? 0)
}

/** The name a process shows in `ps`. */
export function titleOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).split('\0')[0]?.trim() ?? ''
}

/** Whether a process lives (a zombie does not). */
export function lives(pid: number): boolean {
  const state = read(`/proc/${pid}/stat`).split(') ')[1]?.[0]
  return state !== undefined && state !== 'Z' && state !== 'X'
}
