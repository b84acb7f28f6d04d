import { readFileSync } from 'node:fs'
import { JpegEncoder } from 'hailort-node/pixels'
import koffi from 'koffi'

// Makes an encoder while the address space has no room for the stack of one more thread; prints the error's code.
const RLIMIT_AS = 9
const STACK_ROOM_BYTES = 1 << 20

const limit = koffi.struct('rlimit', { soft: 'uint64', hard: 'uint64' })
const setrlimit = koffi.load('libc.so.6').func('setrlimit', 'int', ['int', koffi.pointer(limit)]) as (
  resource: number,
  limit: { soft: number | bigint; hard: bigint },
) => number

const NONE = 0xffff_ffff_ffff_ffffn
const usedKilobytes = Number(/^VmSize:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
let outcome = 'made'
setrlimit(RLIMIT_AS, { soft: usedKilobytes * 1024 + STACK_ROOM_BYTES, hard: NONE })
try {
  new JpegEncoder(1).close()
} catch (error) {
  outcome = String((error as NodeJS.ErrnoException).code)
} finally {
  setrlimit(RLIMIT_AS, { soft: NONE, hard: NONE })
}
process.stdout.write(outcome)
