import { existsSync } from 'node:fs'
import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

/** On a host with the old groups beside the new ones, the new ones lie deeper. */
const TREES = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']

/**
 * A group of the host's cgroup2 tree, in which a machine's systemd manages groups of its own. It is asked for here because
 * a host without systemd has nobody else to ask.
 */
export class ControlGroup implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(name: string): Promise<ControlGroup> {
    const tree = TREES.find((folder) => existsSync(join(folder, 'cgroup.controllers')))
    if (tree === undefined) throw new Error('This machine has no cgroup2 tree at /sys/fs/cgroup: a systemd cannot be booted in it.')
    const group = new ControlGroup(join(tree, name))
    await mkdir(group.path, { recursive: true })
    return group
  }

  /** Groups can only be removed one by one, the deepest first, and only when no process is in them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await removeGroups(this.path).catch(() => undefined) // A name left behind costs nothing; the next run takes it again.
  }
}

async function removeGroups(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) if (entry.isDirectory()) await removeGroups(join(path, entry.name))
  await rmdir(path)
}
