import { readdir } from 'node:fs/promises'
import type { MachineFiles } from './machine-files.ts'

/** A process. */
export interface User {
  readonly pid: number
  /** Its command line, or its short name. */
  readonly name: string
  /** It is an engine of headcount. */
  readonly ours: boolean
}

/** Who uses the NPU. */
export interface NpuUsers {
  /** Processes that have a device node open. */
  readonly holders: readonly User[]
  /** Engines of headcount, whatever they have open. */
  readonly engines: readonly User[]
  /** Processes that do not show us what they have open. */
  readonly hidden: number
}

/** As the engine calls itself. */
const OUR_TITLE = /^headcount: engine\b/
const LONGEST_NAME = 80

/** Walks /proc/PID/fd. Processes that end meanwhile are passed over. */
export async function npuUsers(files: MachineFiles, nodes: readonly string[]): Promise<NpuUsers> {
  const pids = (await files.names('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = await Promise.all(
    pids.map(async (pid) => ({ user: { pid, ...(await nameOf(files, pid)) }, holds: await holds(files, pid, nodes) })),
  )
  return {
    holders: all.filter(({ holds }) => holds === true).map(({ user }) => user),
    engines: all.map(({ user }) => user).filter(({ ours }) => ours),
    hidden: all.filter(({ holds }) => holds === null).length,
  }
}

/** null: it may not be seen. */
async function holds(files: MachineFiles, pid: number, nodes: readonly string[]): Promise<boolean | null> {
  if (nodes.length === 0) return false
  const folder = `/proc/${pid}/fd`
  const opened = await readdir(files.at(folder)).catch((error: unknown) => (gone(error) ? [] : null))
  if (opened === null) return null
  const targets = await Promise.all(opened.map((name) => files.link(`${folder}/${name}`)))
  return targets.some((target) => target !== null && nodes.includes(target))
}

function gone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
}

async function nameOf(files: MachineFiles, pid: number): Promise<{ name: string; ours: boolean }> {
  const line = (await files.text(`/proc/${pid}/cmdline`))?.replaceAll('\0', ' ').trim()
  const name = line || (await files.text(`/proc/${pid}/comm`)) || 'unknown'
  return { name: name.slice(0, LONGEST_NAME), ours: OUR_TITLE.test(name) }
}
