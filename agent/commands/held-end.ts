/** Time in which a process ends by itself once it has nothing left to do. */
const GRACE_MS = 1_000

export type HeldEnd = (code: number) => void

/**
 * A way to end that a held thread does not stop: a disk that hangs keeps a thread of Node's in the kernel, and each of Node's own ways out
 * waits for that thread. Call it before anything can hang; what it returns, when all is said: the process ends with that code, within a
 * second.
 */
export async function openHeldEnd(): Promise<HeldEnd> {
  const leave = await leaving()
  return (code) => void setTimeout(() => leave(code), GRACE_MS).unref()
}

async function leaving(): Promise<HeldEnd> {
  try {
    const { default: koffi } = await import('koffi')
    return koffi.load('libc.so.6').func('void _exit(int status)') as HeldEnd
  } catch (_) {
    // Native parts that cannot be loaded are a finding of their own.
    return () => process.kill(process.pid, 'SIGKILL')
  }
}
