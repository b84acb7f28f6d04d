import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files by path: text or bytes, or where a symbolic link points. */
export type Files = Readonly<Record<string, string | Uint8Array | { readonly linkTo: string }>>

/** A temporary folder that looks like a part of a machine; it is removed with its scope. */
export class Tree implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(files: Files = {}): Promise<Tree> {
    const tree = new Tree(await mkdtemp(join(tmpdir(), 'headcount-tree-')))
    await tree.add(files)
    return tree
  }

  /** Folders are made as needed. */
  async add(files: Files): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = this.at(name)
      await mkdir(dirname(path), { recursive: true })
      if (typeof content === 'string' || content instanceof Uint8Array) await writeFile(path, content)
      else await symlink(content.linkTo, path)
    }
  }

  /** The full path of one of its files. */
  at(name: string): string {
    return join(this.path, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}
