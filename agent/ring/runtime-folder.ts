import { chmod, lstat, mkdir, mkdtemp, readdir, rm, rmdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AgentError } from '../errors.ts'
import { FolderLock } from './folder-lock.ts'

/** statfs(2): memory, not a disk that frames would wear out. */
const MEMORY_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x01021994, 0x858458f6])

const PRIVATE_PREFIX = 'private-'

/** A private folder without a lock file is being made, or its maker died; after this long it died. */
const MAKING_MS = 60_000

/** The folder that holds what the processes of one agent share. One agent a folder: a lock says so. */
export class RuntimeFolder {
  readonly path: string
  readonly ringsPath: string
  readonly doorbellsPath: string
  /** A sentence for the log when frames would be written to a disk, else null. */
  readonly warning: string | null
  readonly #lock: FolderLock
  /** Folders to remove again, if they are empty then: the innermost first. */
  readonly #made: readonly string[]

  private constructor(path: string, { lock, made, warning }: { lock: FolderLock; made: readonly string[]; warning: string | null }) {
    this.path = path
    this.ringsPath = join(path, 'rings')
    this.doorbellsPath = join(path, 'doorbells')
    this.warning = warning
    this.#lock = lock
    this.#made = made
  }

  /** Makes the folder (0700), locks it, and only then removes what a dead agent left. Throws RUNTIME_BUSY or RUNTIME_UNUSABLE. */
  static async open(path: string): Promise<RuntimeFolder> {
    const { made, lock } = await makeAndLock(path)
    try {
      const folder = new RuntimeFolder(path, { lock, made: made ? [path] : [], warning: await diskWarning(path) })
      await folder.#removeFiles()
      await removeDeadPrivateFolders(path)
      await mkdir(folder.ringsPath, { mode: 0o700 })
      return folder
    } catch (error) {
      await lock.release()
      throw unusable(path, error)
    }
  }

  /** A folder of our own below `parent`, beside a running agent: for `demo` and `detect`. Gone after dispose. */
  static async openPrivate(parent: string): Promise<RuntimeFolder> {
    let path: string
    let madeParent: boolean
    try {
      madeParent = await makePrivate(parent)
      await removeDeadPrivateFolders(parent)
      path = await mkdtemp(join(parent, PRIVATE_PREFIX))
    } catch (error) {
      throw unusable(parent, error)
    }
    const folder = await RuntimeFolder.open(path)
    return new RuntimeFolder(path, { lock: folder.#lock, made: madeParent ? [path, parent] : [path], warning: folder.warning })
  }

  /** Removes rings and doorbells, gives the lock back, and removes the folders that were made here, if they are empty. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#removeFiles()
    await this.#lock.release()
    // Somebody may have put something there, or be just opening it: then it stays.
    for (const made of this.#made) await rmdir(made).catch(() => undefined)
  }

  async #removeFiles(): Promise<void> {
    await rm(this.ringsPath, { recursive: true, force: true })
    await rm(this.doorbellsPath, { force: true })
  }
}

async function makeAndLock(path: string): Promise<{ made: boolean; lock: FolderLock }> {
  try {
    const made = await makePrivate(path)
    const lock = await takeLock(path)
    if (lock instanceof FolderLock) return { made, lock }
    const holder = lock.heldBy === null ? 'another process' : `process ${lock.heldBy}`
    throw new AgentError('RUNTIME_BUSY', `The runtime folder ${path} is in use by ${holder}.`, {
      remedy: `Stop that agent first ("systemctl stop headcount"${lock.heldBy === null ? '' : `, or "kill ${lock.heldBy}"`}), or give this one a folder of its own with HEADCOUNT_RUNTIME_DIR.`,
    })
  } catch (error) {
    throw unusable(path, error)
  }
}

/** An agent that just ends may remove the folder under our hands: then it is made once more. */
async function takeLock(path: string): Promise<Awaited<ReturnType<typeof FolderLock.take>>> {
  try {
    return await FolderLock.take(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makePrivate(path)
    return await FolderLock.take(path)
  }
}

/** Makes sure that `path` is a folder of ours which nobody else can enter; true when it was made now. */
async function makePrivate(path: string): Promise<boolean> {
  const made = await makeFolder(path)
  const status = await lstat(path)
  // In a folder open to all, such as /dev/shm, somebody may have been there before us.
  if (!status.isDirectory()) throw new Error('it is not a folder')
  if (status.uid !== process.getuid?.()) throw new Error(`it belongs to user ${status.uid}`)
  if ((status.mode & 0o777) !== 0o700) await chmod(path, 0o700)
  return made
}

/**
 * True when the folder was made now. Not mkdir's `recursive`: on a file system that refuses new folders with ENOENT, as /proc does,
 * Node tries for ever.
 */
async function makeFolder(path: string): Promise<boolean> {
  const make = () =>
    mkdir(path, { mode: 0o700 }).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return false
        throw error
      },
    )
  try {
    return await make()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    return await make()
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

async function removeDeadPrivateFolders(parent: string): Promise<void> {
  const names = await readdir(parent)
  for (const name of names.filter((name) => name.startsWith(PRIVATE_PREFIX))) {
    const path = join(parent, name)
    const files = await readdir(path).catch(() => null)
    if (files === null) continue // its owner has just removed it
    if (!files.includes('lock')) {
      const status = await lstat(path).catch(() => null)
      if (status === null || Date.now() - status.mtimeMs < MAKING_MS) continue
    }
    const lock = await FolderLock.take(path).catch(() => null)
    if (!(lock instanceof FolderLock)) continue
    await rm(path, { recursive: true, force: true })
    await lock.release()
  }
}

async function diskWarning(path: string): Promise<string | null> {
  if (MEMORY_FILE_SYSTEMS.has((await statfs(path)).type)) return null
  return `The runtime folder ${path} is not in memory (tmpfs): every frame may be written to the disk. Set HEADCOUNT_RUNTIME_DIR to a folder below /dev/shm or /run.`
}

function unusable(path: string, error: unknown): AgentError {
  if (error instanceof AgentError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new AgentError('RUNTIME_UNUSABLE', `Cannot use the runtime folder ${path}: ${reason}.`, {
    remedy: 'Give this user a folder of its own in tmpfs with HEADCOUNT_RUNTIME_DIR.',
    cause: error,
  })
}
