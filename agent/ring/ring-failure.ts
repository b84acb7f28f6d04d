import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { AgentError } from '../errors.ts'

/** What was tried when the addon failed. */
export interface Attempt {
  /** `create the ring of stream "door"` */
  readonly doing: string
  readonly path: string
  /** When a file was to be made. */
  readonly sizeBytes?: number
}

/** Turns an error of the ring addon into one with a remedy; anything without a code of the addon is a bug and stays as it is. */
export function ringFailure(error: unknown, { doing, path, sizeBytes }: Attempt): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || !error.code.startsWith('RING_')) return error
  const folder = dirname(path)
  if (error.code !== 'RING_NO_SPACE') {
    return new AgentError('RING_FAILED', `Cannot ${doing}: ${error.message}.`, {
      remedy: `Check that ${folder} belongs to the user headcount runs as, that nothing else removes files there, and restart headcount.`,
      cause: error,
    })
  }
  const needed = sizeBytes === undefined ? 'more' : megabytes(sizeBytes)
  return new AgentError('RING_NO_SPACE', `Cannot ${doing}: ${needed} needed, ${freeSpace(folder)} free in ${folder}.`, {
    remedy: `Make room there ("df -h ${folder}" shows what is used; a larger tmpfs: "mount -o remount,size=…"), or lower frame.width, frame.height or ring.slots of the stream.`,
    cause: error,
  })
}

function freeSpace(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return megabytes(bavail * bsize)
  } catch {
    return 'too little' // the folder is gone: the first error says more than this one would
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
