import type { MachineFiles } from './machine-files.ts'

/** A file system as it is mounted. */
export interface Mount {
  readonly folder: string
  /** For example ext4 or tmpfs. */
  readonly type: string
  readonly readOnly: boolean
}

/** The file system a folder lies in, by /proc/self/mounts (fstab(5)); null: not told. Symbolic links in the path are not followed. */
export async function mountOf(files: MachineFiles, path: string): Promise<Mount | null> {
  let best: Mount | null = null
  for (const line of ((await files.text('/proc/self/mounts')) ?? '').split('\n')) {
    const [, place, type, options] = line.split(' ')
    if (place === undefined || type === undefined) continue
    const folder = place.replace(/\\([0-7]{3})/g, (_escape, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    const holds = folder === '/' || path === folder || path.startsWith(`${folder}/`)
    // Of two at one place the later one lies on top.
    if (holds && folder.length >= (best?.folder.length ?? 0)) best = { folder, type, readOnly: (options ?? '').split(',').includes('ro') }
  }
  return best
}
