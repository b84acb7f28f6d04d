import { readFile } from 'node:fs/promises'

/** Proportional set size of a process in bytes; 0 when it is gone or does not show it. */
export async function pssBytes(pid: number): Promise<number> {
  // The process may end at any time, and then there is nothing to tell.
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(text.match(/^Pss:\s+(\d+) kB/m)?.[1] ?? 0) * 1_024
}
