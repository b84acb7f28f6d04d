import { access, constants } from 'node:fs/promises'
import type { MachineFiles } from './machine-files.ts'

/** Whether this user may read and write a file or device. */
export type MayUse = (path: string) => Promise<boolean>

/** As the kernel would decide it for this process. */
export const mayReadAndWrite: MayUse = (path) =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )

/** As above, of a file that is only to be read. */
export const mayRead: MayUse = (path) =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  )

/** To whom a file belongs, and who may do what with it. */
export interface Ownership {
  /** By name where the machine has one for the number, this and the next. */
  readonly owner: string
  readonly group: string
  /** Four octal digits. */
  readonly mode: string
}

/** null: there is no such file, or its folder is not for us. */
export async function ownership(files: MachineFiles, path: string): Promise<Ownership | null> {
  const found = await files.stat(path)
  if (typeof found === 'string') return null
  const { uid, gid, mode } = found
  return {
    owner: await nameOf(files, '/etc/passwd', uid),
    group: await nameOf(files, '/etc/group', gid),
    mode: (mode & 0o7777).toString(8).padStart(4, '0'),
  }
}

/** The name that /etc/passwd or /etc/group has for a number; the number where it has none. */
export async function nameOf(files: MachineFiles, list: '/etc/passwd' | '/etc/group', id: number): Promise<string> {
  const lines = (await files.text(list))?.split('\n') ?? []
  return lines.map((line) => line.split(':')).find((fields) => fields[2] === String(id))?.[0] ?? String(id)
}

/** How a person gets the rights that a group has; `root` is none to join. */
export function joining(group: string): string {
  return `Join the group and log in again: sudo usermod -aG ${group === 'root' ? 'video' : group} "$USER"`
}
