import { type FileHandle, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import koffi from 'koffi'

// sys/file.h
const LOCK_EX_NB = 2 | 4

const flock = koffi.load('libc.so.6').func('int flock(int fd, int operation)') as (fd: number, operation: number) => number

/**
 * The lock file of a folder. The kernel gives the lock back when this process ends, however it ends;
 * children do not inherit it (Node opens with O_CLOEXEC).
 */
export class FolderLock {
  readonly #path: string
  readonly #file: FileHandle

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  /** Takes the lock of `folder`, or says which process holds it (null when its file does not say). */
  static async take(folder: string): Promise<FolderLock | { readonly heldBy: number | null }> {
    const path = join(folder, 'lock')
    for (;;) {
      const file = await open(path, 'a+', 0o600)
      let kept = false
      try {
        if (flock(file.fd, LOCK_EX_NB) !== 0) {
          const pid = Number.parseInt(await file.readFile('utf8'), 10)
          return { heldBy: Number.isNaN(pid) ? null : pid }
        }
        // Its holder may have removed the file between our opening and our locking it: then we hold the lock of nothing.
        if (!(await isStill(path, file))) continue
        await file.truncate(0)
        await file.write(`${process.pid}\n`)
        kept = true
        return new FolderLock(path, file)
      } finally {
        if (!kept) await file.close()
      }
    }
  }

  /** Removes the file, then gives the lock back. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true })
    await this.#file.close()
  }
}

async function isStill(path: string, file: FileHandle): Promise<boolean> {
  const [named, opened] = await Promise.all([stat(path).catch(() => null), file.stat()])
  return named !== null && named.ino === opened.ino && named.dev === opened.dev
}
