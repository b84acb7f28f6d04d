import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface DiskFacts {
  readonly totalBytes: number
  /** For a user who is not root. */
  readonly availableBytes: number
}

/** The file system a folder lies in, or will lie in once it is made. Rejects when it cannot be read. */
export async function diskFacts(folder: string): Promise<DiskFacts> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder)
    return { totalBytes: blocks * bsize, availableBytes: bavail * bsize }
  } catch (error) {
    const parent = dirname(folder)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error
    return diskFacts(parent)
  }
}
