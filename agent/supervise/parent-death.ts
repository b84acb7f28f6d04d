import koffi from 'koffi'

/** linux/prctl.h */
const PR_SET_PDEATHSIG = 1
const SIGKILL = 9

/**
 * Lets this process die with its parent, whatever kills that one and whatever this one is doing then. Call it first, with the pid
 * the parent told: a parent that is gone already ends this process here. Holds for children spawned on the parent's main thread.
 */
export function dieWithParent(parentPid: number): void {
  const libc = koffi.load('libc.so.6')
  const prctl = libc.func('int prctl(int option, ulong signal, ulong unused3, ulong unused4, ulong unused5)') as (
    ...args: readonly number[]
  ) => number
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) !== 0) throw new Error('prctl(PR_SET_PDEATHSIG) failed')
  // It may have died before the call: then no signal will ever come.
  if (process.ppid !== parentPid) process.kill(process.pid, 'SIGKILL')
}
