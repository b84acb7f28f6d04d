import { readFileSync } from 'node:fs'
import { JpegEncoder } from 'hailort-node/pixels'
import { openWriter } from 'hailort-node/ring'
import koffi from 'koffi'
import { temporaryRing } from '../ring/temporary-ring.ts'

// Lets the address space run short: of the stack of one more thread ("threads"), or of a picture ("pictures"). Prints the code of the
// error that comes of it, and whether all is well afterwards.
const RLIMIT_AS = 9
const ROOM_BYTES = 1 << 20
const SIDE = 4_096

const rlimit = koffi.struct('rlimit', { soft: 'uint64', hard: 'uint64' })
const setrlimit = koffi.load('libc.so.6').func('setrlimit', 'int', ['int', koffi.pointer(rlimit)]) as (
  resource: number,
  limit: { soft: number | bigint; hard: bigint },
) => number

const NONE = 0xffff_ffff_ffff_ffffn
const options = { overlay: false, width: null, quality: 90 }

/** The code of what `work` fails with while there is no memory. */
async function codeInNeed(work: () => Promise<unknown>): Promise<string> {
  const usedKilobytes = Number(/^VmSize:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  setrlimit(RLIMIT_AS, { soft: usedKilobytes * 1024 + ROOM_BYTES, hard: NONE })
  try {
    await work()
    return 'no failure'
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  } finally {
    setrlimit(RLIMIT_AS, { soft: NONE, hard: NONE })
  }
}

using made = temporaryRing({ maxWidth: SIDE, maxHeight: SIDE })
// Held to the end: as garbage it would give its memory back at any time.
const pixels = new Uint8Array((SIDE * SIDE * 3) / 2)
const writer = openWriter(made.ring)
const seq = writer.write(pixels, { width: SIDE, height: SIDE, ptsNs: 0 }) ?? 0
const { handle } = made.ring
const encoder = new JpegEncoder(1)
await encoder.encode(handle, seq, { ...options, width: 64 })
const code =
  process.argv[2] === 'threads'
    ? await codeInNeed(async () => new JpegEncoder(2).close())
    : await codeInNeed(() => encoder.encode(handle, seq, options))
const after = await encoder.encode(handle, seq, { ...options, width: 64 })
encoder.close()
writer.close()
process.stdout.write(`${code}, then ${after === null ? 'nothing' : 'a picture'}${pixels[0] === 0 ? '' : '?'}`)
