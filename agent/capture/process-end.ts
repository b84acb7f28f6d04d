import koffi from 'koffi'

/** Ends this process at once, in spite of waits on a bus that would keep `process.exit()` for ever. */
export function endProcess(code: number): never {
  const exit = koffi.load('libc.so.6').func('void _exit(int code)') as (code: number) => void
  exit(code)
  throw new Error('_exit returned')
}

/** Lets the kernel end this process (SIGALRM) after so many seconds, whatever the event loop hangs in then. */
export function endLatestIn(seconds: number): void {
  const alarm = koffi.load('libc.so.6').func('uint alarm(uint seconds)') as (seconds: number) => number
  alarm(seconds)
}
