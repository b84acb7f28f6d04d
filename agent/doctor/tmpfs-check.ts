import type { StreamConfig } from '../config/stream-schema.ts'
import { assumedDetectorMs, liveSlotCount, ringBytes } from '../ring/layout.ts'
import type { AskDisk } from './disk-check.ts'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'
import { mountOf } from './mounts.ts'

const CHECK = 'tmpfs'
const MB = 1_000_000

export interface RingQuestion {
  readonly runtimeDir: string
  readonly streams: readonly StreamConfig[]
  /** Which detector the rings are sized for. */
  readonly backend: Parameters<typeof assumedDetectorMs>[0]
  readonly ask: AskDisk
}

/** Is the runtime folder in memory, and is there room for the rings of all streams? */
export async function checkTmpfs(files: MachineFiles, { runtimeDir, streams, backend, ask }: RingQuestion): Promise<Finding> {
  const mount = await mountOf(files, runtimeDir)
  if (mount !== null && mount.type !== 'tmpfs' && mount.type !== 'ramfs') {
    const what = `The runtime folder ${runtimeDir} is on ${mount.folder} (${mount.type}), not in memory (tmpfs).`
    const why = 'Every frame may be written to the disk, which wears out a card.'
    return { check: CHECK, severity: 'warning', what, why, remedy: 'Set HEADCOUNT_RUNTIME_DIR to a folder below /run or /dev/shm.' }
  }
  const facts = await ask(runtimeDir).catch(() => null)
  if (facts === null)
    return { check: CHECK, severity: 'note', what: `How much room ${runtimeDir} has cannot be told.`, why: null, remedy: null }
  const needed = streams.reduce((sum, stream) => sum + bytesOf(stream, backend), 0)
  const room = facts.availableBytes + (await ringsThere(files, runtimeDir))
  const frames = `${mb(needed)} MB of the ${mb(room)} MB in ${runtimeDir} are needed for the frames of ${streams.length} ${streams.length === 1 ? 'stream' : 'streams'}`
  if (needed <= room) return ok(CHECK, `${frames}.`)
  const what = `${frames}: that is more than there is.`
  const why = 'Streams whose frames find no room stay offline.'
  return {
    check: CHECK,
    severity: 'failed',
    what,
    why,
    remedy: 'Lower frame.width, frame.height or ring.slots, or make that tmpfs larger.',
  }
}

function bytesOf({ ring, frame }: StreamConfig, backend: RingQuestion['backend']): number {
  const slotCount = ring.slots === 'auto' ? liveSlotCount(frame.fps, assumedDetectorMs(backend)) : ring.slots
  return ringBytes({ slotCount, maxWidth: frame.width, maxHeight: frame.height, format: 'I420' })
}

/** Bytes of the rings of a headcount that runs: they are taken already, and will be the same ones. */
async function ringsThere(files: MachineFiles, runtimeDir: string): Promise<number> {
  const rings = await files.names(`${runtimeDir}/rings`)
  const found = await Promise.all(rings.map((name) => files.stat(`${runtimeDir}/rings/${name}`)))
  return found.reduce((sum, ring) => sum + (typeof ring === 'string' ? 0 : ring.size), 0)
}

const mb = (bytes: number) => Math.round(bytes / MB)
