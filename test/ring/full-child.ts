import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentError, type Fault, toFault } from '../../agent/errors.ts'
import { RingFiles } from '../../agent/ring/ring-files.ts'
import { RuntimeFolder } from '../../agent/ring/runtime-folder.ts'

// full-child PATH: PATH is a tmpfs of 2 MB. Prints what happens as it fills up.

const path = process.argv[2] ?? ''
const large = { slotCount: 8, maxWidth: 640, maxHeight: 480, format: 'I420', mode: 'live' } as const
const small = { ...large, maxWidth: 64, maxHeight: 32 }

function fault(work: () => unknown): Fault | null {
  try {
    work()
    return null
  } catch (error) {
    if (error instanceof AgentError) return toFault(error)
    throw error
  }
}

await using folder = await RuntimeFolder.open(join(path, 'headcount'))
const files = RingFiles.open(folder)
const kept = files.create('door', small)
const full = fault(() => files.create('hall', large))
const afterwards = readdirSync(folder.ringsPath)
const next = files.create('hall', small)
next[Symbol.dispose]()

// Not a byte is left: neither frames into the ring that is there nor its reading may fail (no SIGBUS).
const room = join(path, 'filler')
try {
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeFileSync(room, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // that size does not fit any more
    }
  }
} catch {
  // full
}
const { openWriter } = await import('hailort-node/ring')
const writer = openWriter(kept.ring)
for (let frame = 1; frame <= 16; frame++) writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
const target = new Uint8Array(3072)
const readable = Array.from({ length: 8 }, (_, index) => kept.ring.readFrame(9 + index, target)?.seq)
writer.close()
files[Symbol.dispose]()

process.stdout.write(JSON.stringify({ full, afterwards, next: next.path, readable }))
