import { readFileSync } from 'node:fs'

/** A line of smaps that begins a mapping: addresses, rights, offset, device, inode (proc(5)). */
const MAPPING = /^[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+ \S+) (\d+)/

/**
 * What the processes would take on a machine of their own, in MB (10^6 bytes). Where other programs run Node, too, PSS charges each of them
 * with a part of its code: here what is shared is charged once, whoever else has it. Pages that only some of the processes have in common
 * with others are charged as if they were the same.
 */
export function aloneMb(pids: readonly number[]): number {
  const shared = new Map<string, number>()
  let kb = 0
  for (const pid of pids) {
    for (const mapping of mappingsOf(pid)) {
      kb += mapping.file === null ? mapping.pss : mapping.own
      if (mapping.file !== null) shared.set(mapping.file, Math.max(shared.get(mapping.file) ?? 0, mapping.shared))
    }
  }
  for (const each of shared.values()) kb += each
  return (kb * 1_024) / 1e6
}

/** One mapping, in units of 1,024 bytes. */
interface Mapping {
  /** null: of no file. */
  readonly file: string | null
  readonly pss: number
  readonly own: number
  readonly shared: number
}

function mappingsOf(pid: number): Mapping[] {
  const parts = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  return parts.map((part) => {
    const [, place = '', inode = '0'] = MAPPING.exec(part) ?? []
    const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(part)?.[1] ?? 0)
    return {
      file: inode === '0' ? null : `${place} ${inode}`,
      pss: kb('Pss'),
      own: kb('Private_Clean') + kb('Private_Dirty'),
      shared: kb('Shared_Clean') + kb('Shared_Dirty'),
    }
  })
}
