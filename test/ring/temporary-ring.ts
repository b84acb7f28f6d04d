import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRing, openRing, type Ring, type RingGeometry } from 'hailort-node/ring'

/** The native half of these tests (native/ring/check), run as a process of its own. */
export const ringCheck = fileURLToPath(
  new URL(`../../../native/build/${process.env['HEADCOUNT_NATIVE_BUILD'] === 'Debug' ? 'Debug' : 'Release'}/ring_check`, import.meta.url),
)

/** A folder in memory where there is one; gone with its scope. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  let parent = '/dev/shm'
  try {
    rmSync(mkdtempSync(join(parent, 'headcount-probe-')), { recursive: true })
  } catch {
    parent = tmpdir()
  }
  const path = mkdtempSync(join(parent, 'headcount-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** A small live ring unless told otherwise; closed and removed with its scope. */
export function temporaryRing(
  wanted: Partial<RingGeometry> = {},
): Disposable & { readonly ring: Ring; readonly path: string; readonly folder: string } {
  const folder = temporaryFolder()
  const path = join(folder.path, 'test.1.ring')
  createRing(path, { slotCount: 4, maxWidth: 64, maxHeight: 32, format: 'I420', mode: 'live', ...wanted })
  const ring = openRing(path)
  return {
    ring,
    path,
    folder: folder.path,
    [Symbol.dispose]: () => {
      ring.close()
      folder[Symbol.dispose]()
    },
  }
}

/** Bytes of one I420 frame. */
export function i420Bytes(width: number, height: number): number {
  return (width * height * 3) / 2
}

/** A frame of which every 32-bit word is its sequence number: any mixture of two frames shows. */
export function frameOf(seq: number, bytes: number): Uint8Array {
  return new Uint8Array(new Uint32Array(bytes / 4).fill(seq).buffer)
}

/** True when every word of the frame is `seq`. */
export function isWhole(words: Uint32Array, seq: number): boolean {
  for (const word of words) if (word !== seq) return false
  return true
}
