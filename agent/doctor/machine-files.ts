import type { Stats } from 'node:fs'
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Files of the machine as the checks read them, all below one folder: `/`, or in tests one that looks like a machine. */
export class MachineFiles {
  readonly #root: string

  constructor(root = '/') {
    this.#root = root
  }

  /** The real path of a file of the machine. */
  at(path: string): string {
    return join(this.#root, path)
  }

  /** What stands in a file, without white space around it; null: it is not there, or not for us. */
  async text(path: string): Promise<string | null> {
    return readFile(this.at(path), 'utf8').then(
      (text) => text.trim(),
      () => null,
    )
  }

  /** What a file is, links followed; or the code of why that cannot be told, for example ENOENT. */
  async stat(path: string): Promise<Stats | string> {
    return stat(this.at(path)).catch((error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error))
  }

  /** Names in a folder, sorted as people would; none where there is no such folder. */
  async names(folder: string): Promise<readonly string[]> {
    const names = await readdir(this.at(folder)).catch(() => [])
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  }

  /** Where a symbolic link points, as it is written; null: there is none, or it is not for us. */
  async link(path: string): Promise<string | null> {
    return readlink(this.at(path)).catch(() => null)
  }
}
